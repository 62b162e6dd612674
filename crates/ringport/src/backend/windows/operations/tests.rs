//! Packets that nobody awaits, and operations that nobody ends.

use std::net::UdpSocket as Client;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{SOCKET, WSABUF, WSASendTo};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::packets::{PacketPort, Room, Taken};
use super::engine::{Begun, Engine, Place};
use super::handle::{Descriptor, Holding, Subject};
use crate::backend::plain::{Done, Extent, OperationBuffer, Request, Status, What};
use crate::backend::sys::address;
use crate::{BackendChoice, UdpSocket};

const WAIT: Duration = Duration::from_secs(20);

struct Rig {
    port: PacketPort<()>,
    engine: Engine,
    socket: UdpSocket,
    place: Place,
}

fn rig() -> Rig {
    let port = PacketPort::<()>::new(0).unwrap();
    let engine = port.open_engine(BackendChoice::Automatic).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let descriptor = Descriptor::Udp(socket.clone());
    let holding = Holding { descriptor, subject: Subject::Udp, key: 5, _claim: None };
    let place = engine.attach(holding).unwrap().unwrap();
    Rig { port, engine, socket, place }
}

fn request(what: What, bytes: &[u8], context: u64) -> Request {
    let pool = crate::BufferPool::builder().slice_size(64).slices_per_region(1).build().unwrap();
    let buffer = match what {
        What::Send => OperationBuffer::Unique(pool.take_with(bytes).unwrap()),
        _ => OperationBuffer::Unique(pool.take().unwrap()),
    };
    Request { number: 0, context, what, progress: 0, buffer, peer: None, accepted: None }
}

impl Rig {
    fn start(&self, what: What, context: u64) -> Begun {
        let own = self.socket.local_addr().unwrap();
        let make = |()| Request { peer: Some(own), ..request(what, b"to myself", context) };
        self.engine.start(&self.place, (), make).map_err(|_| ()).unwrap()
    }

    /// Takes packets until there is none; the operations among them.
    fn take(&self, time: Duration) -> Vec<Done> {
        let (mut done, mut time) = (Vec::new(), time);
        let mut room = Room::new(8);
        loop {
            let mut keep = |taken| {
                if let Taken::Operation(operation) = taken {
                    done.push(operation);
                }
            };
            if self.port.take(&mut room, 8, Some(time), &mut keep).unwrap() {
                return done;
            }
            time = Duration::ZERO;
        }
    }

    /// The pointer of the operation that was started last.
    fn newest(&self) -> *mut OVERLAPPED {
        self.place.0.lock().running.last().unwrap().node.overlapped()
    }
}

#[test]
fn a_packet_that_comes_in_spite_of_what_the_system_was_told_ends_nothing() {
    let rig = rig();
    rig.engine.set_skip(&rig.place, true);
    assert!(matches!(rig.start(What::Send, 0), Begun::Done { .. }));
    drop(rig.start(What::Receive(Extent::Payload), 0));
    assert!(matches!(rig.start(What::Receive(Extent::Payload), 1), Begun::Pending(_)));
    let place = rig.newest();
    rig.engine.port.post(9, 0, place).unwrap();
    assert!(rig.take(Duration::ZERO).is_empty(), "it goes on");
    Client::bind("127.0.0.1:0").unwrap().send_to(b"one", rig.socket.local_addr().unwrap()).unwrap();
    let done = rig.take(WAIT);
    assert_eq!(done.len(), 1);
    rig.engine.port.post(9, 0, place).unwrap();
    assert!(rig.take(Duration::ZERO).is_empty(), "it was told");
    for context in 2..10 {
        let begun = rig.start(What::Send, context);
        rig.engine.port.post(9, 0, place).unwrap();
        let told = rig.take(Duration::ZERO).len();
        assert_eq!(told, usize::from(!matches!(begun, Begun::Done { .. })), "{begun:?}");
    }
    rig.engine.close(&mut drop);
}

#[test]
fn a_packet_of_somebody_elses_call_is_left_alone() {
    let rig = rig();
    let own = rig.socket.local_addr().unwrap();
    let mut name = [0; address::LONGEST];
    let length = address::encode(&own, &mut name) as i32;
    let mut overlapped = Box::new(OVERLAPPED::default());
    let bytes = WSABUF { len: 5, buf: b"other".as_ptr().cast_mut() };
    use std::os::windows::io::AsRawSocket;
    let socket = rig.socket.as_raw_socket() as SOCKET;
    // SAFETY: all of it outlives the call, which is done when its packet was taken.
    let result = unsafe {
        WSASendTo(socket, &bytes, 1, ptr::null_mut(), 0, name.as_ptr().cast(), length, &mut *overlapped, None)
    };
    assert_eq!(result, 0);
    assert!(rig.take(WAIT).is_empty());
    drop(overlapped);
    rig.engine.close(&mut drop);
}

#[test]
fn an_operation_that_was_forgotten_with_its_thread_is_aborted() {
    let rig = rig();
    let slot = Arc::clone(&rig.place.0);
    // It was never the system's, so its status stays as it is. The packet is what Wine sends then.
    slot.lock().begin(&slot, request(What::Receive(Extent::Payload), b"", 7));
    rig.engine.port.post(0, 0, rig.newest()).unwrap();
    let done = rig.take(WAIT);
    assert_eq!(done.len(), 1);
    assert_eq!((done[0].context(), done[0].status, done[0].bytes), (7, Status::Aborted, 0));
    assert_eq!(rig.engine.outstanding(&rig.place), 0);
    rig.engine.close(&mut drop);
}

#[test]
fn an_operation_that_no_driver_ends_is_given_up() {
    let rig = rig();
    let slot = Arc::clone(&rig.place.0);
    let address = rig.socket.local_addr().unwrap();
    // It is never the system's, so nothing ends it.
    slot.lock().begin(&slot, request(What::Receive(Extent::Payload), b"", 1));
    let Rig { engine, socket, place, .. } = rig;
    drop(socket);
    engine.detach(&place, &mut drop);
    assert_eq!(engine.left(), 1, "its memory is kept");
    UdpSocket::bind(address).unwrap();
}
