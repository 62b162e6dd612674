//! Verdicts over made-up rounds, on a machine that gets slower all the time.

use super::*;
use crate::peer;
use crate::stamp::Percentiles;

fn samples(load: &str, peer: &'static str, cpu: f64, delay: f64) -> Vec<Sample> {
    let sample = |round: u32| Sample {
        load: load.to_owned(),
        peer,
        round,
        sent: 1,
        received: 1,
        cpu_ns: cpu * f64::from(round + 1),
        delays: Some(Percentiles { count: 1, p50: delay, p99: delay, p999: delay }),
        ..Sample::default()
    };
    (0..4).map(sample).collect()
}

fn verdicts_of(all: &[Vec<Sample>]) -> Vec<(String, bool)> {
    verdicts(&all.concat()).into_iter().map(|verdict| (verdict.sentence, verdict.met)).collect()
}

#[test]
fn a_target_is_met_or_missed_by_what_happened_in_the_same_round() {
    let tokio = samples("flood-64", "tokio", 700.0, 1.0);
    let found = verdicts_of(&[tokio.clone(), samples("flood-64", "ringport-uring", 500.0, 1.0)]);
    assert_eq!(found, [("1.40 times better than tokio (target 1.4)".to_owned(), true)]);
    let found = verdicts_of(&[tokio, samples("flood-64", "ringport-uring", 510.0, 1.0)]);
    assert!(!found[0].1, "{found:?}");
}

#[test]
fn delays_are_judged_apart_from_the_cost() {
    let tokio = samples("paced-100k", "tokio", 1000.0, 20.0);
    let found = verdicts_of(&[tokio, samples("paced-100k", "ringport-epoll", 500.0, 121.0)]);
    assert_eq!(found.iter().map(|(_, met)| *met).collect::<Vec<_>>(), [true, false]);
    let tokio = samples("echo-1", "tokio", 1000.0, 20.0);
    let found = verdicts_of(&[tokio, samples("echo-1", "ringport-epoll", 1001.0, 21.0)]);
    assert_eq!(found.iter().map(|(_, met)| *met).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_few_nanoseconds_are_the_same_and_one_load_decides_on_everywhere() {
    let hand = samples("drain", "hand-multishot", 10.0, 1.0);
    let found = verdicts_of(&[hand.clone(), samples("drain", "ringport-uring-queue-latency", 12.0, 1.0)]);
    assert!(found[0].1, "{found:?}");
    let found = verdicts_of(&[hand, samples("drain", "ringport-uring-queue-latency", 40.0, 1.0)]);
    assert!(!found[0].1, "{found:?}");
    let all = [("flood-64", 300.0), ("drain", 90.0)].map(|(load, cpu)| {
        [samples(load, "monoio", 100.0, 1.0), samples(load, "ringport-uring", cpu, 1.0)].concat()
    });
    assert_eq!(
        verdicts_of(&all),
        [("0.33 times better than monoio at the least (target ahead everywhere)".to_owned(), false)]
    );
}

#[test]
fn targets_are_about_loads_that_exist_and_peers_that_meet_them() {
    for target in table::TARGETS {
        let load = Load::named(target.load).unwrap();
        for name in target.peers().chain([target.against.to_owned()]) {
            let peer = peer::named(&name).unwrap_or_else(|| panic!("there is no {name}"));
            assert!(peer.meets(load), "{name} does not meet {load}");
        }
    }
    for name in table::EVERYWHERE.iter().flat_map(|(peer, against)| [peer, against]) {
        assert!(peer::named(name).is_some(), "there is no {name}");
    }
}
