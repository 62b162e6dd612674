//! What each of these tests needs: a carrier with a socket on it, slices, and their operations.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Once;
use std::time::{Duration, Instant};

use windows_sys::Win32::Networking::WinSock::WSABUF;

use super::super::provider::install;
use super::super::{Rio, detect};
use super::table::table;
use crate::backend::windows::Told;
use crate::backend::windows::carrier::{
    Begun, Beside, Carrier, End, Look, Means, Outcome, Room, Ticket, Way, Work,
};
use crate::memory::{HasHeader, Placed};
use crate::net::{RegisteredSocket, SocketHandle};
use crate::{BufferMut, BufferPool};

const PATIENCE: Duration = Duration::from_secs(20);

/// The key of the first socket of a rig.
pub(super) const KEY: u32 = 3;

pub(super) struct Rig {
    pub(super) rio: Rio,
    pub(super) pool: BufferPool,
    /// Receives wait for all that they have room for.
    pub(super) whole: bool,
}

/// A carrier whose completion queue has so many places.
pub(super) fn rig(places: usize) -> Rig {
    install_table();
    let pool = BufferPool::builder().slice_size(32).slices_per_region(64).build().unwrap();
    Rig { rio: Rio::open(places, Told::Sleeper).unwrap(), pool, whole: false }
}

pub(super) fn install_table() {
    static INSTALLED: Once = Once::new();
    // SAFETY: the stand-in behaves as the documentation says.
    INSTALLED.call_once(|| assert!(unsafe { install(&table()) }));
    detect().unwrap();
}

pub(super) fn room(receives: u32, sends: u32) -> Room {
    Room { receives, receive_buffers: 1, sends, send_buffers: 1 }
}

pub(super) fn ticket(key: u32, way: Way, place: u16) -> Ticket {
    Ticket { key, way, place }
}

impl Rig {
    pub(super) fn attach(&mut self, key: u32, socket: &impl RegisteredSocket, room: Room) -> Means {
        let handle: SocketHandle = socket.handle();
        self.rio.attach(key, &handle, room).unwrap()
    }

    pub(super) fn slice(&self) -> BufferMut {
        self.pool.take().unwrap()
    }

    /// Begins a receive, of a datagram with its address.
    pub(super) fn receive(&mut self, key: u32, place: u16, buffer: &BufferMut, quiet: bool) -> Begun {
        let beside = buffer.header_ptr().filter(|_| key >= KEY).map(|(start, length)| Beside {
            start,
            length,
            place: buffer.header_place(),
        });
        let part = WSABUF { len: buffer.capacity() as u32, buf: buffer.payload_ptr() };
        let (at, whole) = (buffer.payload_place(), self.whole);
        let work = Work::Receive { parts: &[part], place: at, beside, whole, quiet };
        // SAFETY: the tests keep their sockets open, and their slices until the ends.
        let begun = unsafe { self.rio.begin(ticket(key, Way::In, place), work) };
        self.rio.commit(key);
        begun
    }

    /// Begins a send; nothing is committed.
    pub(super) fn send(
        &mut self,
        key: u32,
        place: u16,
        buffer: &BufferMut,
        peer: Option<SocketAddr>,
        quiet: bool,
    ) -> Begun {
        let part = WSABUF { len: buffer.len() as u32, buf: buffer.payload_ptr() };
        let place_of = buffer.payload_place();
        let work = Work::Send { parts: &[part], place: place_of, peer: peer.as_ref(), control: &[], quiet };
        // SAFETY: as above.
        unsafe { self.rio.begin(ticket(key, Way::Out, place), work) }
    }

    /// What has ended by now.
    pub(super) fn now(&mut self) -> Vec<End> {
        let mut ends = VecDeque::new();
        self.rio.take(&mut ends, Look::Now).unwrap();
        ends.into()
    }

    /// Waits for so many ends, asleep.
    pub(super) fn wait(&mut self, count: usize) -> Vec<End> {
        let (mut ends, until) = (VecDeque::new(), Instant::now() + PATIENCE);
        while ends.len() < count {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} ended", ends.len());
            self.rio.take(&mut ends, Look::Wait(Some(left))).unwrap();
        }
        assert_eq!(ends.len(), count);
        ends.into()
    }

    /// The one operation that ends next.
    pub(super) fn one(&mut self) -> (Ticket, Outcome) {
        let end = self.wait(1).remove(0);
        (end.ticket, end.outcome)
    }
}

/// It is in the system.
pub(super) fn pending(begun: Begun) {
    assert!(matches!(begun, Begun::Pending), "{begun:?}");
}
