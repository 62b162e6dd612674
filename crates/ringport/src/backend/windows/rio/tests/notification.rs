//! The three kinds of notification, and that a sleep is always ended.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::windows::io::{AsHandle, AsRawHandle, AsSocket};
use std::thread;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{RIORESULT, WSAEALREADY, WSAEINVAL};
use windows_sys::Win32::System::Threading::WaitForSingleObject;

use super::super::completion_queue::{Notification, RawCompletionQueue};
use super::super::provider;
use super::super::request_queue::{CompletesIn, Outstanding, RawRequestQueue};
use super::rig::*;
use crate::UdpSocket;
use crate::backend::sys::event::EventDescriptor;
use crate::backend::windows::carrier::{Carrier, Look};
use crate::backend::windows::iocp::Iocp;

const ONE_EACH: Outstanding = Outstanding { receives: 1, sends: 1 };

/// Sends a datagram of nothing, which completes.
fn complete_one(completions: &RawCompletionQueue, socket: &std::net::UdpSocket) -> RawRequestQueue {
    let functions = provider::common_functions().unwrap();
    let socket = socket.as_socket();
    let to = CompletesIn { receives: completions.id(), sends: completions.id() };
    let mut requests = RawRequestQueue::create(functions, socket, ONE_EACH, to, 9).unwrap();
    // SAFETY: there is no memory.
    unsafe { requests.send(None, 0, 5).unwrap() };
    requests
}

fn connected() -> std::net::UdpSocket {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(socket.local_addr().unwrap()).unwrap();
    socket
}

fn dequeue(completions: &mut RawCompletionQueue) -> Vec<RIORESULT> {
    let mut room = [MaybeUninit::uninit(); 4];
    let count = completions.dequeue(&mut room).unwrap();
    // SAFETY: so many were written.
    room[..count].iter().map(|result| unsafe { result.assume_init() }).collect()
}

#[test]
fn a_polled_queue_is_only_asked() {
    let _stand_in = rig(1);
    let functions = provider::common_functions().unwrap();
    // SAFETY: no handle is named.
    let mut completions = unsafe { RawCompletionQueue::create(functions, 4, Notification::None) }.unwrap();
    assert_eq!(completions.notify(), Err(WSAEINVAL));
    let socket = connected();
    let _requests = complete_one(&completions, &socket);
    let result = dequeue(&mut completions)[0];
    assert_eq!((result.SocketContext, result.RequestContext, result.Status), (9, 5, 0));
}

#[test]
fn an_event_is_set_by_what_completes() {
    let _stand_in = rig(1);
    let functions = provider::common_functions().unwrap();
    let event = EventDescriptor::new().unwrap().share().unwrap();
    let raw = event.as_handle().as_raw_handle();
    let notification = Notification::Event { event: raw, reset: true };
    // SAFETY: the event is dropped after the queue.
    let mut completions = unsafe { RawCompletionQueue::create(functions, 4, notification) }.unwrap();
    // SAFETY: the event is open.
    let is_set = || unsafe { WaitForSingleObject(raw, 0) == 0 };
    assert_eq!((completions.notify(), completions.notify()), (Ok(()), Err(WSAEALREADY)));
    assert!(!is_set());
    let socket = connected();
    let _requests = complete_one(&completions, &socket);
    assert!(is_set());
    assert_eq!(dequeue(&mut completions).len(), 1);
    completions.notify().unwrap();
    assert!(!is_set(), "arming has reset it");
}

#[test]
fn a_port_gets_one_packet_each_time_it_is_armed() {
    let _stand_in = rig(1);
    let functions = provider::common_functions().unwrap();
    let port = Iocp::new(0).unwrap();
    let notification = Notification::Port { port: port.as_raw_handle(), key: 21 };
    // SAFETY: the port is dropped after the queue.
    let mut completions = unsafe { RawCompletionQueue::create(functions, 4, notification) }.unwrap();
    completions.notify().unwrap();
    let socket = connected();
    let _requests = complete_one(&completions, &socket);
    let packet = port.take(None).unwrap().unwrap();
    assert_eq!((packet.key, packet.overlapped), (21, completions.packet()));
    completions.notify().unwrap();
    assert_eq!(port.take(None).unwrap().unwrap().key, 21, "something is there still");
    assert_eq!(dequeue(&mut completions).len(), 1);
    completions.notify().unwrap();
    assert!(port.take(Some(Duration::ZERO)).unwrap().is_none());
}

#[test]
fn a_sleep_ends_with_the_completion_that_follows_a_silent_one() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(4, 4));
    let own = socket.local_addr().unwrap();
    let (silent, loud) = (rig.slice(), rig.slice());
    pending(rig.receive(KEY, 0, &silent, true));
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut ends = VecDeque::new();
    rig.rio.take(&mut ends, Look::Wait(Some(Duration::from_millis(1)))).unwrap();
    assert!(ends.is_empty());
    client.send_to(b"silent", own).unwrap();
    rig.rio.take(&mut ends, Look::Wait(Some(Duration::from_millis(20)))).unwrap();
    pending(rig.receive(KEY, 1, &loud, false));
    thread::scope(|scope| {
        scope.spawn(|| client.send_to(b"loud", own).unwrap());
        while ends.len() < 2 {
            rig.rio.take(&mut ends, Look::Wait(None)).unwrap();
        }
    });
    let places: Vec<_> = ends.iter().map(|end| end.ticket.place).collect();
    assert_eq!(places, [0, 1]);
}

#[test]
fn a_wake_up_ends_a_sleep() {
    let mut rig = rig(64);
    let wake = EventDescriptor::new().unwrap();
    rig.rio.watch_wake(&wake).unwrap();
    let mut ends = VecDeque::new();
    thread::scope(|scope| {
        scope.spawn(|| wake.signal().unwrap());
        rig.rio.take(&mut ends, Look::Wait(None)).unwrap();
    });
    assert!(ends.is_empty());
}
