//! What becomes of requests when something of theirs goes away.

use std::os::windows::io::AsRawSocket;

use windows_sys::Win32::Networking::WinSock::{WSA_OPERATION_ABORTED, WSAEINVAL, WSAENOBUFS};
use windows_sys::Win32::System::IO::CancelIoEx;

use super::rig::*;
use super::table::manners;

const DEFER: u32 = 2;

#[test]
fn a_closed_socket_aborts_what_is_outstanding_and_then_gives_its_places_back() {
    let (socket, other) = pair();
    let (queue, memory) = (Queue::polled(4), Memory::new(64));
    let requests = attach(&socket, &queue, 3, 1).unwrap();
    for number in 0..3_u32 {
        receive(requests, memory.slice(number * 8, 8), 0, number as usize).unwrap();
    }
    send(requests, memory.slice(32, 8), DEFER, 9).unwrap();
    drop(socket);
    let mut seen: Vec<_> = queue.take(4).iter().map(|r| (r.RequestContext, r.Status)).collect();
    seen.sort_unstable();
    let aborted = WSA_OPERATION_ABORTED;
    assert_eq!(seen, [(0, aborted), (1, aborted), (2, aborted), (9, aborted)]);
    assert_eq!(receive(requests, memory.slice(0, 8), 0, 0), Err(WSAEINVAL));
    attach(&other, &queue, 2, 2).unwrap();
}

#[test]
fn places_stay_taken_until_the_last_result_is_dequeued() {
    let (socket, other) = pair();
    let (queue, memory) = (Queue::polled(2), Memory::new(64));
    let requests = attach(&socket, &queue, 1, 1).unwrap();
    send(requests, memory.slice(0, 8), 0, 1).unwrap();
    drop(socket);
    assert_eq!(attach(&other, &queue, 1, 1), Err(WSAENOBUFS));
    assert_eq!(queue.take(1)[0].Status, 0);
    attach(&other, &queue, 1, 1).unwrap();
}

#[test]
fn a_socket_closed_while_idle_gives_its_places_back() {
    let (socket, other) = pair();
    let queue = Queue::polled(2);
    attach(&socket, &queue, 1, 1).unwrap();
    drop(socket);
    attach(&other, &queue, 1, 1).unwrap();
}

#[test]
fn cancelled_calls_abort_all_that_is_posted_and_the_queue_goes_on() {
    let (socket, peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    receive(requests, memory.slice(0, 8), 0, 1).unwrap();
    receive(requests, memory.slice(8, 8), 0, 2).unwrap();
    // SAFETY: the socket is open; no structure means all its calls.
    unsafe { CancelIoEx(socket.as_raw_socket() as _, std::ptr::null()) };
    assert!(queue.take(2).iter().all(|result| result.Status == WSA_OPERATION_ABORTED));
    receive(requests, memory.slice(0, 8), 0, 3).unwrap();
    peer.send(b"again").unwrap();
    let result = queue.take(1)[0];
    assert_eq!((result.RequestContext, result.Status, result.BytesTransferred), (3, 0, 5));
}

#[test]
fn a_system_that_ends_requests_with_their_socket_only() {
    let (socket, peer) = pair();
    manners::end_with_socket_only(socket.as_raw_socket() as _);
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    for number in 0..3_u32 {
        receive(requests, memory.slice(number * 8, 8), 0, number as usize).unwrap();
    }
    // SAFETY: the socket is open; no structure means all its calls.
    unsafe { CancelIoEx(socket.as_raw_socket() as _, std::ptr::null()) };
    peer.send(b"still").unwrap();
    let result = queue.take(1)[0];
    assert_eq!((result.RequestContext, result.Status, result.BytesTransferred), (0, 0, 5));
    assert!(queue.now(4).is_empty());
    drop(socket);
    assert!(queue.take(2).iter().all(|result| result.Status == WSA_OPERATION_ABORTED));
}

#[test]
fn a_request_in_flight_outlives_the_name_of_its_memory() {
    let (socket, peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    receive(requests, memory.slice(0, 8), 0, 1).unwrap();
    memory.deregister();
    peer.send(b"late").unwrap();
    assert_eq!(queue.take(1)[0].BytesTransferred, 4);
    assert_eq!(memory.read(0, 4), b"late");
}

#[test]
fn what_completes_after_its_queue_was_closed_is_dropped() {
    let (socket, peer) = pair();
    let (queue, memory) = (Queue::polled(8), Memory::new(64));
    let requests = attach(&socket, &queue, 4, 4).unwrap();
    receive(requests, memory.slice(0, 8), 0, 1).unwrap();
    drop(queue);
    peer.send(b"late").unwrap();
    assert_eq!(receive(requests, memory.slice(0, 8), 0, 0), Err(WSAEINVAL));
}

#[test]
fn many_at_once_on_several_sockets() {
    let pairs: Vec<_> = (0..16).map(|_| pair()).collect();
    let (queue, memory) = (Queue::polled(16 * 64), Memory::new(16 * 64 * 8));
    for (index, (socket, peer)) in pairs.iter().enumerate() {
        let requests = attach(socket, &queue, 32, 32).unwrap();
        for number in 0..32 {
            let place = (index * 64 + number) * 8;
            receive(requests, memory.slice(place as u32, 8), 0, number).unwrap();
            peer.send(&(number as u64).to_le_bytes()).unwrap();
        }
    }
    let results = queue.take(16 * 32);
    assert!(results.iter().all(|result| (result.Status, result.BytesTransferred) == (0, 8)));
    for place in 0..16 * 64 {
        let (index, number) = (place / 64, place % 64);
        if number < 32 {
            assert_eq!(memory.read(place * 8, 8), (number as u64).to_le_bytes(), "socket {index}");
        }
    }
}
