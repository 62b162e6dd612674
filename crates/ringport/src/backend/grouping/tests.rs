//! Whatever is posted, nothing is lost and each peer keeps its order.

use super::*;
use crate::backend::contract::{Outward, Payload};
use crate::random::Random;

fn send(port: usize, token: u64) -> SendRequest {
    SendRequest {
        payload: Payload::None,
        token,
        peer: (port > 0).then(|| SocketAddr::from(([127, 0, 0, 1], port as u16))),
        control: None,
        segment: 0,
        notifies: true,
        what: Outward::Data,
        retried: false,
    }
}

fn side(ports: &[usize], deferred: usize) -> SendSide {
    let mut side = SendSide { deferred, ..SendSide::default() };
    (0..).zip(ports).for_each(|(token, port)| side.posted.push_back(send(*port, token)));
    side
}

/// What a side has, as port and token.
fn order(side: &SendSide) -> Vec<(u16, u64)> {
    side.posted
        .iter_from(0)
        .map(|request| (request.peer.map_or(0, |peer| peer.port()), request.token))
        .collect()
}

#[test]
fn peers_are_grouped_and_each_keeps_its_order() {
    let mut grouping = Grouping::default();
    grouping.make_room(64);
    let mut random = Random::new(7);
    for round in 1..500 {
        // More than there is room for, in some rounds.
        let (count, peers) = (random.below(150), 1 + random.below(round));
        let ports: Vec<_> = (0..count).map(|_| random.below(peers)).collect();
        let plain = random.below(count + 1);
        let mut side = side(&ports, count - plain);
        let before = order(&side);
        grouping.release(&mut side, 0);
        let after = order(&side);
        assert_eq!(after[..plain], before[..plain], "what was not deferred keeps its place");
        for part in (plain..count).step_by(64) {
            let part = part..count.min(part + 64);
            let of = |list: &[(u16, u64)], port| {
                list[part.clone()]
                    .iter()
                    .filter(|one| usize::from(one.0) == port)
                    .copied()
                    .collect::<Vec<_>>()
            };
            (0..peers).for_each(|port| assert_eq!(of(&after, port), of(&before, port)));
            // Few peers never find the table full.
            if peers <= 16 {
                let known: std::collections::HashSet<_> =
                    before[part.clone()].iter().map(|one| one.0).collect();
                assert_eq!(after[part.clone()].chunk_by(|a, b| a.0 == b.0).count(), known.len());
            }
        }
    }
}

#[test]
fn groups_come_by_their_first_send() {
    let mut grouping = Grouping::default();
    grouping.make_room(8);
    let mut side = side(&[1, 2, 1, 3, 1, 2], 6);
    grouping.release(&mut side, 0);
    assert_eq!(order(&side), [(1, 0), (1, 2), (1, 4), (2, 1), (2, 5), (3, 3)]);
}

#[test]
fn what_is_deferred_still_stays_behind() {
    let mut grouping = Grouping::default();
    grouping.make_room(8);
    let mut side = side(&[9, 1, 2, 1, 1, 2, 1, 1], 7);
    grouping.release(&mut side, 3);
    assert_eq!(order(&side).iter().map(|one| one.1).collect::<Vec<_>>(), [0, 1, 3, 4, 2, 5, 6, 7]);
    assert_eq!(side.deferred, 3);
}

#[test]
fn where_nothing_is_joined_nothing_is_grouped() {
    let mut grouping = Grouping::default();
    grouping.make_room(8);
    let mut side = side(&[1, 2, 1, 2], 4);
    side.segmentation.refused(100, crate::backend::sys::errno::EIO);
    grouping.release(&mut side, 0);
    assert_eq!(order(&side), [(1, 0), (2, 1), (1, 2), (2, 3)]);
}
