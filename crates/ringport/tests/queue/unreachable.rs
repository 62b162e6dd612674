//! A peer that is gone (ICMP port unreachable) must not harm a server: the receive stays posted, the error
//! is counted, the sends go on.

use ringport::{BackendChoice, Status};

use crate::common::nobody::{deaf, deafen};
use crate::common::rig::{Rig, bytes, limits, plain};
use crate::common::system::lacked_by_wine;
use crate::common::{on_each_backend, until};

on_each_backend!(
    a_receive_outlives_an_unreachable_peer,
    sends_to_a_dead_port_go_on,
    a_server_outlives_a_client_that_is_gone,
);

fn a_receive_outlives_an_unreachable_peer(choice: BackendChoice) {
    if lacked_by_wine("receives that go on after an error") {
        return;
    }
    for addresses in [false, true] {
        let mut rig = Rig::new(choice, limits(3, 2));
        let peer = deaf();
        rig.socket.connect(peer.local_addr().unwrap()).unwrap();
        for token in 0..3 {
            let options = ringport::Receive::new();
            let options = if addresses { options.addresses() } else { options };
            rig.requests.receive_with(rig.marked(token), options, token).unwrap();
        }
        rig.take_none();
        for round in 1..4 {
            rig.requests.send(rig.filled(b"anyone?"), 9).unwrap();
            until("the error to be counted", || {
                rig.queue.dequeue(&mut rig.completions);
                // Windows is asked not to tell.
                let told = rig.requests.counters().unreachable >= round || cfg!(windows);
                (told && !rig.completions.is_empty()).then_some(())
            });
            let sent: Vec<_> = rig.completions.drain().map(|sent| (sent.token(), sent.status())).collect();
            assert_eq!(sent, [(9, Status::Success)]);
        }
        assert_eq!((rig.requests.outstanding().receives, rig.requests.counters().failed), (3, 0));
        // The peer comes to life.
        peer.connect(rig.address).unwrap();
        rig.client = peer;
        for (token, text) in (0..).zip([&b"here"[..], b"I", b"am"]) {
            rig.arrive(text);
            let completion = rig.take_one();
            assert_eq!((completion.token(), bytes(&completion)), (token, text));
        }
    }
}

fn sends_to_a_dead_port_go_on(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 10));
    let dead = deaf();
    rig.socket.connect(dead.local_addr().unwrap()).unwrap();
    // Nobody takes the errors off the socket but the sends themselves.
    for round in 0..20 {
        for token in 0..10 {
            let later = ringport::Send::new().defer();
            rig.requests.send_with(rig.filled(b"x"), later, token).unwrap();
        }
        rig.requests.commit();
        let sent: Vec<_> = rig.take(10).iter().map(|sent| (sent.token(), sent.status())).collect();
        assert_eq!(sent, (0..10).map(|token| (token, Status::Success)).collect::<Vec<_>>(), "{round}");
    }
    let counters = rig.requests.counters();
    assert!((counters.unreachable > 0 || cfg!(windows)) && counters.failed == 0, "{counters:?}");
}

fn a_server_outlives_a_client_that_is_gone(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 4));
    for round in 0..8 {
        rig.requests.receive_from(rig.marked(0), round).unwrap();
        let gone = plain();
        gone.send_to(b"bye", rig.address).unwrap();
        let peer = rig.take_one().peer().unwrap();
        deafen(&gone);
        rig.requests.send_to(rig.filled(b"answer"), peer, 100).unwrap();
        assert_eq!(rig.take_one().status(), Status::Success);
    }
    rig.post(8..9);
    rig.arrive(b"alive");
    assert_eq!(bytes(&rig.take_one()), b"alive");
}
