//! What is said of made-up designs.

use super::*;
use crate::compare::statistics::Figure;
use crate::compare::testing::summary;

fn said(summary: &Summary, reference: &Summary, plain: &Summary, paced: bool) -> (Outcome, String) {
    let against = Against { reference: Some(reference), best_plain: Some(plain) };
    let verdict = verdict(summary, against, Seen { paced, flows: 4, unit: "datagram" });
    (verdict.outcome, verdict.sentence)
}

#[test]
fn winning_losing_and_both() {
    let port = summary("port", 100.0, 1_000.0);
    let outcome = |rate, cpu| said(&summary("hybrid", rate, cpu), &port, &port, false);
    let (won, sentence) = outcome(142.0, 400.0);
    assert_eq!(won, Outcome::Wins);
    assert_eq!(sentence, "hybrid: wins over port: 1.42 times the rate, 0.40 times the CPU a datagram.");
    let (lost, sentence) = outcome(90.0, 1_100.0);
    assert!(
        lost == Outcome::Loses && sentence.contains("NOT") && sentence.contains("in rate and CPU: 0.90"),
        "{sentence}"
    );
    let (mixed, sentence) = outcome(90.0, 400.0);
    assert!(
        mixed == Outcome::Mixed && sentence.contains("better than port in CPU, but WORSE in rate"),
        "{sentence}"
    );
    let (mixed, sentence) = outcome(142.0, 2_000.0);
    assert!(
        mixed == Outcome::Mixed && sentence.contains("better than port in rate, but WORSE in CPU"),
        "{sentence}"
    );
    let (unclear, sentence) = outcome(101.0, 1_010.0);
    assert!(unclear == Outcome::Unclear && sentence.contains("no clear winner"), "{sentence}");
}

#[test]
fn a_ratio_that_the_rounds_do_not_bear_out_says_so() {
    let port = summary("port", 100.0, 1_000.0);
    let mut hybrid = summary("hybrid", 150.0, 400.0);
    hybrid.rate_per_s = Figure::of([90.0, 150.0, 160.0]);
    let (outcome, sentence) = said(&hybrid, &port, &port, false);
    assert_eq!(outcome, Outcome::Wins, "by its CPU");
    assert!(sentence.contains("1.50 times the rate (the rounds overlap), 0.40 times the CPU"), "{sentence}");
}

#[test]
fn at_a_given_rate_only_the_cpu_counts() {
    let port = summary("port", 100.0, 1_000.0);
    let (outcome, sentence) = said(&summary("hybrid", 50.0, 400.0), &port, &port, true);
    assert_eq!(outcome, Outcome::Wins);
    assert!(!sentence.contains("rate"), "{sentence}");
}

#[test]
fn losing_to_the_best_plain_design_and_losing_datagrams_is_said() {
    let (port, blocking) = (summary("port", 100.0, 1_000.0), summary("blocking", 200.0, 900.0));
    let mut hybrid = summary("hybrid", 150.0, 400.0);
    let (outcome, sentence) = said(&hybrid, &port, &blocking, false);
    assert_eq!(outcome, Outcome::Mixed, "it wins over port, and blocking is faster still");
    assert!(sentence.contains("LOSES to blocking, the best plain design: 0.75 times the rate"), "{sentence}");
    hybrid.processed_ratio = Some(0.95);
    let (outcome, sentence) = said(&hybrid, &port, &port, false);
    assert_eq!(outcome, Outcome::Mixed);
    assert!(sentence.contains("better than port in rate and CPU, but WORSE in lost datagrams"), "{sentence}");
    assert!(sentence.contains("it lost MORE: 5.0 % of the datagrams against 0.0 %"), "{sentence}");
}

#[test]
fn messages_are_called_so_and_their_round_trips_told() {
    let (mut blocking, mut hybrid) = (summary("blocking", 100.0, 1_000.0), summary("hybrid", 100.0, 1_200.0));
    (blocking.latency_us_p99, hybrid.latency_us_p99) = (Some(80.0), Some(120.4));
    hybrid.processed_ratio = Some(0.9);
    let against = Against { reference: Some(&blocking), best_plain: Some(&blocking) };
    let seen = Seen { paced: true, flows: 4, unit: "message" };
    let verdict = verdict(&hybrid, against, seen);
    assert_eq!(verdict.outcome, Outcome::Loses);
    assert_eq!(
        verdict.sentence,
        "hybrid: does NOT win here, it loses to blocking in CPU and lost messages: 1.20 times the CPU a message; it \
         lost MORE: 10.0 % of the messages against 0.0 %; p99 of its round trips 120 us against 80."
    );
}

#[test]
fn the_reference_has_its_say_too() {
    let (port, blocking) = (summary("port", 100.0, 1_000.0), summary("blocking", 200.0, 900.0));
    let (outcome, sentence) = said(&port, &port, &blocking, false);
    assert_eq!(outcome, Outcome::Reference);
    assert_eq!(
        sentence,
        "port: what the others are compared with; LOSES to blocking, the best plain design: 0.50 times the rate."
    );
}
