//! Completion queues: sizes, reserved places, notifications.

use std::net::UdpSocket;
use std::os::windows::io::AsRawSocket;
use std::ptr;

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Networking::WinSock::{
    RIO_EVENT_COMPLETION, RIO_IOCP_COMPLETION, RIO_MAX_CQ_SIZE, RIO_NOTIFICATION_COMPLETION,
    RIO_NOTIFICATION_COMPLETION_0, RIO_NOTIFICATION_COMPLETION_0_0, RIO_NOTIFICATION_COMPLETION_0_1,
    WSAEALREADY, WSAEINVAL, WSAENOBUFS, WSAENOTSOCK, WSAETOOMANYREFS,
};
use windows_sys::Win32::System::IO::{CreateIoCompletionPort, GetQueuedCompletionStatus, OVERLAPPED};

use super::rig::*;

fn by_event(event: &Event, reset: bool) -> RIO_NOTIFICATION_COMPLETION {
    let part = RIO_NOTIFICATION_COMPLETION_0_0 { EventHandle: event.0, NotifyReset: i32::from(reset) };
    RIO_NOTIFICATION_COMPLETION {
        Type: RIO_EVENT_COMPLETION,
        Anonymous: RIO_NOTIFICATION_COMPLETION_0 { Event: part },
    }
}

#[test]
fn sizes_are_bounded() {
    for size in [0, RIO_MAX_CQ_SIZE + 1] {
        assert_eq!(Queue::with(size, ptr::null()).err(), Some(WSAEINVAL));
    }
    let queue = Queue::polled(4);
    assert_eq!(queue.resize(0), Err(WSAEINVAL));
}

#[test]
fn request_queues_reserve_their_limits() {
    let (first, second) = pair();
    let queue = Queue::polled(8);
    assert_eq!(attach(&first, &queue, 0, 0), Err(WSAEINVAL));
    assert_eq!(attach(&first, &queue, 8, 1), Err(WSAENOBUFS));
    let requests = attach(&first, &queue, 4, 2).unwrap();
    assert_eq!(attach(&second, &queue, 2, 1), Err(WSAENOBUFS));
    assert_eq!(queue.resize(5), Err(WSAETOOMANYREFS));
    queue.resize(9).unwrap();
    attach(&second, &queue, 2, 1).unwrap();
    let resize = functions().RIOResizeRequestQueue.unwrap();
    // SAFETY: one thread uses the queue.
    assert_eq!(ok(unsafe { resize(requests, 5, 2) }), Err(WSAENOBUFS));
    // SAFETY: likewise.
    assert_eq!(ok(unsafe { resize(requests, 0, 0) }), Err(WSAEINVAL));
    // SAFETY: likewise.
    ok(unsafe { resize(requests, 1, 5) }).unwrap();
}

#[test]
fn what_is_no_socket_or_asks_for_two_buffers_is_refused() {
    let (socket, _peer) = pair();
    let queue = Queue::polled(8);
    let create = functions().RIOCreateRequestQueue.unwrap();
    let number = socket.as_raw_socket() as usize;
    // SAFETY: numbers only.
    let result = unsafe { create(usize::MAX - 7, 1, 1, 1, 1, queue.0, queue.0, context(0)) };
    assert_eq!((result, last_error()), (0, WSAENOTSOCK));
    // SAFETY: numbers only.
    let result = unsafe { create(number, 1, 2, 1, 1, queue.0, queue.0, context(0)) };
    assert_eq!((result, last_error()), (0, WSAEINVAL));
    // SAFETY: numbers only.
    let result = unsafe { create(number, 1, 1, 1, 1, queue.0, 0, context(0)) };
    assert_eq!((result, last_error()), (0, WSAEINVAL));
}

#[test]
fn a_polled_queue_has_no_notification() {
    assert_eq!(Queue::polled(1).notify(), WSAEINVAL);
}

#[test]
fn an_armed_event_is_set_once_by_what_comes_next() {
    let (socket, peer) = pair();
    let (event, memory) = (Event::new(), Memory::new(64));
    let queue = Queue::with(8, &by_event(&event, true)).unwrap();
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    assert_eq!((queue.notify(), queue.notify()), (0, WSAEALREADY));
    receive(requests, memory.slice(0, 8), 0, 1).unwrap();
    assert!(!event.is_set());
    peer.send(b"one").unwrap();
    assert!(event.wait());
    // Something is there: arming resets the event and sets it at once.
    assert_eq!(queue.notify(), 0);
    assert!(event.is_set());
    assert_eq!(queue.take(1)[0].BytesTransferred, 3);
    assert_eq!(queue.notify(), 0);
    assert!(!event.is_set(), "it was reset, and nothing is there");
}

#[test]
fn without_reset_the_event_stays_as_it_is() {
    let event = Event::new();
    let queue = Queue::with(8, &by_event(&event, false)).unwrap();
    // SAFETY: the event is open.
    unsafe { windows_sys::Win32::System::Threading::SetEvent(event.0) };
    assert_eq!(queue.notify(), 0);
    assert!(event.is_set());
    event.reset();
    assert!(!event.is_set());
}

#[test]
fn a_silent_completion_sets_no_event() {
    const DONT_NOTIFY: u32 = 1;
    let (socket, _peer) = pair();
    let (event, memory) = (Event::new(), Memory::new(64));
    let queue = Queue::with(8, &by_event(&event, true)).unwrap();
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    assert_eq!(queue.notify(), 0);
    send(requests, memory.slice(0, 8), DONT_NOTIFY, 1).unwrap();
    assert_eq!(queue.take(1)[0].RequestContext, 1);
    assert!(!event.is_set());
    send(requests, memory.slice(0, 8), 0, 2).unwrap();
    assert!(event.wait());
}

#[test]
fn a_port_gets_a_packet_with_the_key_and_the_structure() {
    let (socket, _peer) = pair();
    // SAFETY: no file, a new port.
    let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, 1) };
    let memory = Memory::new(64);
    let packet: &'static mut OVERLAPPED = Box::leak(Box::default());
    let packet = ptr::from_mut(packet);
    let part = RIO_NOTIFICATION_COMPLETION_0_1 {
        IocpHandle: port,
        CompletionKey: context(41).cast_mut(),
        Overlapped: packet.cast(),
    };
    let mut wanted = RIO_NOTIFICATION_COMPLETION {
        Type: RIO_IOCP_COMPLETION,
        Anonymous: RIO_NOTIFICATION_COMPLETION_0 { Iocp: part },
    };
    let queue = Queue::with(8, &wanted).unwrap();
    wanted.Anonymous.Iocp = RIO_NOTIFICATION_COMPLETION_0_1 { Overlapped: ptr::null_mut(), ..part };
    assert_eq!(Queue::with(8, &wanted).err(), Some(WSAEINVAL));

    let requests = attach(&socket, &queue, 4, 4).unwrap();
    // The socket has the same port, which must see no packet of its calls.
    // SAFETY: both are open.
    assert!(!unsafe { CreateIoCompletionPort(socket.as_raw_socket() as _, port, 99, 0) }.is_null());
    assert_eq!(queue.notify(), 0);
    for number in 0..3 {
        send(requests, memory.slice(0, 8), 0, number).unwrap();
    }
    let take = |patience| {
        let (mut bytes, mut key, mut found) = (0, 0, ptr::null_mut());
        // SAFETY: the port is open, and the places are locals.
        let result = unsafe { GetQueuedCompletionStatus(port, &mut bytes, &mut key, &mut found, patience) };
        (result != 0).then_some((key, found))
    };
    assert_eq!(take(20_000), Some((41, packet)));
    assert_eq!(queue.take(3).len(), 3);
    assert_eq!(take(0), None);
}

#[test]
fn a_socket_has_one_request_queue() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 1, 1).unwrap();
    receive(requests, memory.slice(0, 8), 0, 1).unwrap();
    assert_eq!(attach(&socket, &queue, 1, 1), Err(WSAEINVAL));
}
