//! Whatever is posted, each peer receives exactly its datagrams, in the order in which they were posted.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ringport::net::{ControlBuffer, Ecn};

use crate::rig::{Rig, Way, on_each_way, pattern};

on_each_way!(each_peer_receives_its_datagrams_in_order);

const PEERS: usize = 5;

/// One send.
#[derive(Clone, Debug)]
struct Posted {
    peer: usize,
    length: usize,
    segment: u16,
    chain: bool,
    marked: bool,
    plain: bool,
}

fn posted() -> impl Strategy<Value = Posted> {
    // Few lengths, so that many may be joined, and some of any kind.
    let length =
        prop_oneof![4 => Just(100usize), 2 => Just(40usize), 1 => 0usize..=300, 1 => 600usize..=2500];
    let segment = prop_oneof![3 => Just(0u16), 3 => Just(100u16), 1 => 20u16..=3000];
    let rare = |share: u32| prop::bool::weighted(1.0 / f64::from(share));
    (0..PEERS, length, segment, rare(8), rare(8), rare(10)).prop_map(
        |(peer, length, segment, chain, marked, plain)| Posted {
            peer,
            length,
            segment,
            chain,
            marked,
            plain,
        },
    )
}

/// The lengths of the datagrams that a send is.
fn datagrams(posted: &Posted) -> Vec<usize> {
    match (posted.length, usize::from(posted.segment)) {
        (length, 0) | (length @ 0, _) => vec![length],
        (length, segment) => (0..length).step_by(segment).map(|begin| segment.min(length - begin)).collect(),
    }
}

fn each_peer_receives_its_datagrams_in_order(way: Way) {
    let bytes = pattern(20_000);
    let mut marks = ControlBuffer::new();
    marks.ecn(Ecn::Capable1).unwrap();
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let all = TestRunner::new(config).run(&prop::collection::vec(posted(), 1..60), |sends| {
        let mut rig = Rig::new(way, PEERS);
        let mut expected = [const { Vec::new() }; PEERS];
        for (token, posted) in sends.iter().enumerate() {
            let payload = &bytes[token..token + posted.length];
            let mut send = rig.to(posted.peer).segments(posted.segment);
            send = if posted.plain { send } else { send.defer() };
            send = if posted.marked { send.control(&marks) } else { send };
            if posted.chain {
                let (first, second) = payload.split_at(posted.length / 3);
                rig.try_post(rig.chain(&[first, second]), send, token as u64).unwrap();
            } else {
                rig.post(payload, send, token as u64);
            }
            let mut rest = payload;
            for length in datagrams(posted) {
                let (datagram, after) = rest.split_at(length);
                expected[posted.peer].push(datagram);
                rest = after;
            }
        }
        rig.commit();
        let mut done = rig.take(sends.len());
        done.sort_by_key(ringport::Completion::token);
        for (done, posted) in done.iter().zip(&sends) {
            prop_assert_eq!((done.status(), done.bytes()), (ringport::Status::Success, posted.length));
        }
        for (peer, expected) in expected.iter().enumerate() {
            for datagram in expected {
                prop_assert!(rig.received(peer) == *datagram, "out of order, or cut elsewhere");
            }
            rig.receives_nothing(peer);
        }
        Ok(())
    });
    all.unwrap();
}
