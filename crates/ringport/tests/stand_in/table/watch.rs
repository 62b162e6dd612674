//! Whether a socket is still open: a call that stays pending as long as it is.
//!
//! Numbers of closed sockets are given to new ones, so asking the number tells nothing. A call that waits for a change
//! of the machine's addresses ends with its socket. When others cancel it, it is made again.

use std::net::SocketAddr;
use std::os::windows::io::{BorrowedSocket, RawSocket};
use std::ptr;

use socket2::SockRef;
use windows_sys::Win32::Foundation::STATUS_PENDING;
use windows_sys::Win32::Networking::WinSock::{
    SIO_ADDRESS_LIST_CHANGE, SOCKET, WSA_IO_PENDING, WSAGetLastError, WSAIoctl,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::collector::Collector;

pub(super) struct Watch {
    overlapped: Box<OVERLAPPED>,
    collector: Collector,
    addresses: Addresses,
}

// SAFETY: the structure is the system's while the call is pending, and is read under the lock.
unsafe impl Send for Watch {}

impl Watch {
    /// Begins to watch; `None` when the socket is closed, or the system has no event left.
    pub(super) fn new(socket: SOCKET, collector: Option<Collector>) -> Option<Watch> {
        let addresses = Addresses::of(socket);
        let mut watch = Watch { overlapped: Box::default(), collector: collector?, addresses };
        watch.begin(socket).then_some(watch)
    }

    fn begin(&mut self, socket: SOCKET) -> bool {
        let (event, mut written) = (self.collector.event(), 0);
        *self.overlapped =
            OVERLAPPED { hEvent: event, Internal: STATUS_PENDING as usize, ..Default::default() };
        // SAFETY: the structure is boxed and stays until the call has ended.
        let result = unsafe {
            WSAIoctl(
                socket,
                SIO_ADDRESS_LIST_CHANGE,
                ptr::null(),
                0,
                ptr::null_mut(),
                0,
                &mut written,
                &raw mut *self.overlapped,
                None,
            )
        };
        // SAFETY: reads a value of this thread.
        result == 0 || unsafe { WSAGetLastError() } == WSA_IO_PENDING
    }

    /// Looks, and goes on watching; whether the socket is closed.
    pub(super) fn is_closed(&mut self, socket: SOCKET) -> bool {
        // SAFETY: the system writes it from elsewhere; the value is a plain number.
        let status = unsafe { (&raw const self.overlapped.Internal).read_volatile() } as u32 as i32;
        if status == STATUS_PENDING {
            return false;
        }
        let addresses = Addresses::of(socket);
        if !addresses.continues(&self.addresses) || !self.begin(socket) {
            return true;
        }
        self.addresses = addresses;
        false
    }

    /// Whether it was seen to be connected.
    pub(super) fn was_connected(&self) -> bool {
        self.addresses.peer.is_some()
    }

    /// The socket is closed: leaves the event to others.
    pub(super) fn recycle(self) {
        self.collector.recycle();
    }
}

/// Where a socket is bound and connected to, so that another with the same number is told from it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Addresses {
    own: Option<SocketAddr>,
    peer: Option<SocketAddr>,
}

impl Addresses {
    fn of(socket: SOCKET) -> Addresses {
        // SAFETY: the calls only ask; where the number is no socket any more they fail.
        let socket = unsafe { BorrowedSocket::borrow_raw(socket as RawSocket) };
        let socket = SockRef::from(&socket);
        let own = socket.local_addr().ok().and_then(|address| address.as_socket());
        let peer = socket.peer_addr().ok().and_then(|address| address.as_socket());
        Addresses { own: own.filter(|own| own.port() != 0), peer }
    }

    /// Whether they can be those of the socket that had the others.
    fn continues(&self, before: &Addresses) -> bool {
        let same = |before: Option<u16>, now: Option<u16>| before.is_none() || before == now;
        same(before.own.map(|own| own.port()), self.own.map(|own| own.port()))
            && same(before.peer.map(|peer| peer.port()), self.peer.map(|peer| peer.port()))
    }
}
