//! A socket whose receives complete in one queue, and whose sends in another: one request queue of the system's.

use std::sync::mpsc::channel;

use super::rig::*;
use crate::UdpSocket;
use crate::backend::contract::{Partner, Status};
use crate::backend::windows::carrier::{Begun, Carrier, Way};

/// Attaches the receives to one and the sends to the other.
fn pair(receives: &mut Rig, sends: &mut Rig, socket: &UdpSocket, limit: u32) {
    let queue = sends.rio.completions().unwrap();
    receives.rio.pair(Some(Partner { queue, sends: limit }));
    assert_eq!(receives.attach(KEY, socket, room(limit, 0)).sends, 0);
    receives.rio.pair(None);
    assert_eq!(sends.attach(KEY + 1, socket, room(0, limit)).receives, 0);
}

/// Sends to itself, and looks where what completes.
fn goes_round(receives: &mut Rig, sends: &mut Rig, socket: &UdpSocket) {
    let own = socket.local_addr().unwrap();
    let (slice, bytes) = (receives.slice(), sends.pool.take_with(b"round").unwrap());
    pending(receives.receive(KEY, 1, &slice, false));
    match sends.send(KEY + 1, 2, &bytes, Some(own), false) {
        // By a call.
        Begun::Done(outcome) => assert_eq!(outcome.status, Status::Success),
        Begun::Pending => {
            sends.rio.commit(KEY + 1);
            let (which, outcome) = sends.one();
            assert_eq!((which, outcome.status), (ticket(KEY + 1, Way::Out, 2), Status::Success));
        }
    }
    let received = receives.one();
    assert_eq!((received.0, received.1.bytes), (ticket(KEY, Way::In, 1), 5));
    assert!(receives.now().is_empty() && sends.now().is_empty());
}

#[test]
fn each_side_completes_in_its_queue() {
    let (mut receives, mut sends) = (rig(16), rig(16));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for limit in [4, 8] {
        pair(&mut receives, &mut sends, &socket, limit);
        assert!(receives.rio.is_registered(KEY) && sends.rio.is_registered(KEY + 1));
        goes_round(&mut receives, &mut sends, &socket);
        let (more, most) = (room(2 * limit, 0), room(0, 3 * limit));
        assert_eq!(receives.rio.grow(KEY, more).unwrap().receives, 2 * limit as u16);
        assert_eq!(sends.rio.grow(KEY + 1, most).unwrap().sends, 3 * limit as u16);
        goes_round(&mut receives, &mut sends, &socket);
        receives.rio.detach(KEY);
        sends.rio.detach(KEY + 1);
    }
}

#[test]
fn another_pair_of_queues_is_served_by_calls() {
    let (mut receives, mut sends, mut others) = (rig(16), rig(16), rig(16));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    pair(&mut receives, &mut sends, &socket, 4);
    receives.rio.detach(KEY);
    sends.rio.detach(KEY + 1);
    pair(&mut receives, &mut others, &socket, 4);
    assert!(receives.rio.is_registered(KEY) && !others.rio.is_registered(KEY + 1));
    goes_round(&mut receives, &mut others, &socket);
}

#[test]
fn two_threads_post_to_one_request_queue() {
    let mut receives = rig(64);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let own = socket.local_addr().unwrap();
    let (tell, told) = channel();
    let (let_go, begin) = channel();
    let sender = socket.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut sends = rig(64);
            tell.send(sends.rio.completions().unwrap()).unwrap();
            begin.recv().unwrap();
            sends.attach(KEY, &sender, room(0, 8));
            assert!(sends.rio.is_registered(KEY));
            let bytes = sends.pool.take_with(b"storm").unwrap();
            for _ in 0..200 {
                pending(sends.send(KEY, 0, &bytes, Some(own), false));
                sends.rio.commit(KEY);
                assert_eq!(sends.one().1.status, Status::Success);
            }
            // A request queue takes requests as long as both of its completion queues are open.
            begin.recv().unwrap();
        });
        let queue = told.recv().unwrap();
        receives.rio.pair(Some(Partner { queue, sends: 8 }));
        receives.attach(KEY, &socket, room(8, 0));
        let_go.send(()).unwrap();
        let slice = receives.slice();
        for _ in 0..200 {
            pending(receives.receive(KEY, 0, &slice, false));
            assert_eq!(receives.one().1.bytes, 5);
        }
        let_go.send(()).unwrap();
    });
}
