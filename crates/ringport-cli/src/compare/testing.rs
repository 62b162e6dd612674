//! Made-up figures for tests.

use clap::Parser;

use super::document::{Document, Failed};
use super::result::{Lost, Measured};
use super::setting::{self, Setting};
use super::statistics::Figure;
use super::summary::Summary;
use super::timeline::{MemoryThen, Moment};
use crate::cli::Cli;
use crate::figures::system::System;
use crate::receiver::threads::{Bucket, Spread, ThreadFigures};

/// A design that received `rate` datagrams a second for `cpu` nanoseconds and as many switches each, in every round.
pub(crate) fn summary(design: &str, rate: f64, cpu: f64) -> Summary {
    let always = |value: f64| Some(Figure { median: value, least: value, most: value });
    Summary {
        design: design.into(),
        backend: "none".into(),
        rounds: 3,
        rate_per_s: always(rate),
        cpu_ns_per_datagram: always(cpu),
        context_switches_per_1000: always(cpu),
        processed_ratio: Some(1.0),
        lost_socket_ratio: Some(0.0),
        lost_elsewhere_ratio: Some(0.0),
        datagrams_sent: 3_000,
        datagrams_lost: 0,
        latency_us_p50: None,
        latency_us_p99: None,
        latency_us_p999: None,
        threads: 1,
        threads_active: Some(1.0),
        thread_shares: vec![1.0],
        results_per_dequeue: Some(1.0),
        results_histogram: Vec::new(),
        locked_bytes: Some(0.0),
        allocations_per_datagram: Some(0.0),
    }
}

/// A comparison of `designs` in two rounds, each design a little dearer than the one before, with one failure.
pub(crate) fn document(designs: &[&str]) -> Document {
    let (mut setting, _) =
        Setting::of(&Cli::parse_from(["ringport", "--designs", "blocking"]).compare).unwrap();
    setting.designs = designs.iter().map(ToString::to_string).collect();
    setting.reference = setting::reference(&setting.designs).unwrap();
    let failed = Failed { design: "blocking".into(), round: 2, sentence: "it fell over".into() };
    Document::new(setting, results(designs), vec![failed], false)
}

/// Their figures.
pub(crate) fn results(designs: &[&str]) -> Vec<Measured> {
    let numbered = designs.iter().zip(1..);
    numbered.flat_map(|(design, number)| [1, 2].map(|round| measured(design, round, number))).collect()
}

/// One round of a design that takes `number` times 100 ns a datagram and loses as many of a thousand.
fn measured(design: &str, round: u32, number: u64) -> Measured {
    let moment = |second: f64, interval_s: f64, datagrams: u64| Moment {
        second,
        interval_s,
        datagrams,
        cpu_ns: datagrams * number * 100,
        context_switches: Some(number),
        system: System::default(),
        memory: MemoryThen { available_bytes: None, resident_bytes: 5 << 20, locked_bytes: Some(0) },
    };
    Measured {
        design: design.into(),
        backend: "uring".into(),
        round,
        datagrams_sent: 1_000,
        datagrams_received: 1_000 - number,
        processed_ratio: 1.0 - number as f64 / 1_000.0,
        lost: Lost { socket: Some(number), elsewhere: 0 },
        rate_per_s: Some(400_000.0 / number as f64 + f64::from(round)),
        cpu_ns_per_datagram: Some(number as f64 * 100.0 + f64::from(round)),
        context_switches: Some(number),
        context_switches_per_1000: Some(number as f64),
        latency_us: None,
        threads: vec![thread(0.75), thread(0.25), thread(0.0)],
        total: thread(1.0),
        threads_active: 2,
        locked_bytes: Some(573_440),
        resident_bytes: 5 << 20,
        allocations_per_datagram: Some(0.0),
        foreign: 0,
        samples: vec![moment(0.0, 0.0, 0), moment(1.0, 1.0, 1_000 - number)],
    }
}

fn thread(share: f64) -> ThreadFigures {
    let datagrams = (share * 1_000.0) as u64;
    ThreadFigures {
        datagrams,
        bytes: datagrams * 64,
        share,
        dequeues: datagrams / 2,
        results_per_dequeue: Spread {
            min: 2,
            mean: 2.0,
            max: 3,
            histogram: vec![
                Bucket { from: 1, to: 1, dequeues: 0 },
                Bucket { from: 2, to: 3, dequeues: datagrams / 2 },
            ],
        },
        empty_dequeues: 0,
        notifications: 1,
        truncated: 0,
        failed: 0,
        system_calls: 1,
        cpu_user_ns: 1_000_000,
        cpu_system_ns: 2_000_000,
        voluntary_switches: 3,
        involuntary_switches: 4,
    }
}
