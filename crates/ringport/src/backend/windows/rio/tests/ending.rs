//! Cancelling, detaching, coming back.

use super::rig::*;
use super::table::manners::{self, Call};
use windows_sys::Win32::Networking::WinSock::WSAEINVAL;

use crate::UdpSocket;
use crate::backend::contract::Status;
use crate::backend::windows::carrier::{Carrier, Way};

#[test]
fn what_is_cancelled_ends_aborted_once_and_the_socket_goes_on() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(8, 8));
    let buffers: Vec<_> = (0..8).map(|_| rig.slice()).collect();
    for (place, buffer) in buffers.iter().enumerate() {
        pending(rig.receive(KEY, place as u16, buffer, false));
    }
    let held_back = rig.pool.take_with(b"held back").unwrap();
    pending(rig.send(KEY, 0, &held_back, None, false));
    rig.rio.cancel(KEY);
    let ends = rig.wait(9);
    let aborted = ends.iter().filter(|end| end.outcome.status == Status::Aborted).count();
    assert!(aborted >= 8, "{ends:?}");
    rig.rio.cancel(KEY);
    assert!(rig.now().is_empty());
    pending(rig.receive(KEY, 0, &buffers[0], false));
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"again", socket.local_addr().unwrap()).unwrap();
    let (_, outcome) = rig.one();
    assert_eq!((outcome.status, outcome.bytes), (Status::Success, 5));
}

#[test]
fn a_socket_that_comes_back_goes_on_with_its_request_queue() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let buffer = rig.slice();
    for round in 0..3 {
        let means = rig.attach(KEY + round, &socket, room(4, 1 + round));
        assert_eq!(means.sends, 1 + round as u16);
        assert!(rig.rio.is_registered(KEY + round));
        pending(rig.receive(KEY + round, 0, &buffer, false));
        rig.rio.cancel(KEY + round);
        assert_eq!(rig.one().1.status, Status::Aborted);
        rig.rio.detach(KEY + round);
    }
}

#[test]
fn a_socket_that_another_queue_had_is_served_all_the_same() {
    let (mut first, mut second) = (rig(64), rig(64));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    first.attach(KEY, &socket, room(4, 4));
    second.attach(KEY, &socket, room(4, 4));
    assert!(first.rio.is_registered(KEY) && !second.rio.is_registered(KEY));
    let buffer = second.slice();
    pending(second.receive(KEY, 1, &buffer, false));
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"by calls", socket.local_addr().unwrap()).unwrap();
    let (which, outcome) = second.one();
    assert_eq!((which, outcome.bytes), (ticket(KEY, Way::In, 1), 8));
}

#[test]
fn closed_sockets_give_their_places_back() {
    let mut rig = rig(4);
    for key in 0..40 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        rig.attach(KEY + key, &socket, room(2, 2));
        assert!(rig.rio.is_registered(KEY + key));
        rig.rio.detach(KEY + key);
        drop(socket);
    }
}

#[test]
fn memory_may_go_as_soon_as_the_last_end_was_taken() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(4, 4));
    for _ in 0..20 {
        let pool = crate::BufferPool::builder().slice_size(32).slices_per_region(1).build().unwrap();
        let buffer = pool.take().unwrap();
        drop(pool);
        pending(rig.receive(KEY, 0, &buffer, false));
        rig.rio.cancel(KEY);
        assert_eq!(rig.one().1.status, Status::Aborted);
        drop(buffer);
    }
}

#[test]
fn what_is_refused_on_the_way_loses_no_request_queue() {
    let mut rig = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let refusals = [Call::RegisterBuffer, Call::ResizeRequestQueue, Call::RegisterBuffer];
    for (key, call) in (KEY..).zip(refusals) {
        manners::refuse(call, WSAEINVAL);
        rig.attach(key, &socket, room(4, 4));
        assert!(!rig.rio.is_registered(key), "{call:?} is refused");
        rig.rio.detach(key);
    }
    rig.attach(KEY, &socket, room(4, 4));
    assert!(rig.rio.is_registered(KEY));
}
