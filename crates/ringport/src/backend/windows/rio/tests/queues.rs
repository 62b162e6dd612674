//! Sizes: what grows, and when.

use super::rig::*;
use crate::UdpSocket;
use crate::backend::contract::Status;
use crate::backend::windows::carrier::Carrier;

#[test]
fn a_completion_queue_that_is_too_small_grows() {
    let mut rig = rig(1);
    let sockets: Vec<_> = (0..5).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for (key, socket) in (KEY..).zip(&sockets) {
        let means = rig.attach(key, socket, room(7, 5));
        assert!(rig.rio.is_registered(key));
        assert_eq!((means.receives, means.sends), (7, 5));
    }
}

#[test]
fn a_request_queue_grows_while_requests_are_in_flight() {
    let mut rig = rig(4);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    rig.attach(KEY, &socket, room(1, 1));
    let own = socket.local_addr().unwrap();
    let buffers: Vec<_> = (0..40).map(|_| rig.slice()).collect();
    pending(rig.receive(KEY, 0, &buffers[0], false));
    let means = rig.rio.grow(KEY, room(40, 100)).unwrap();
    assert_eq!((means.receives, means.sends), (40, 100));
    for (place, buffer) in buffers.iter().enumerate().skip(1) {
        pending(rig.receive(KEY, place as u16, buffer, false));
    }
    let sent = rig.pool.take_with(b"one").unwrap();
    for place in 60..100 {
        pending(rig.send(KEY, place, &sent, Some(own), false));
    }
    rig.rio.commit(KEY);
    let ends = rig.wait(80);
    assert!(ends.iter().all(|end| (end.outcome.status, end.outcome.bytes) == (Status::Success, 3)));
    let means = rig.rio.grow(KEY, room(2, 2)).unwrap();
    assert_eq!((means.receives, means.sends), (40, 100), "never fewer than before");
}
