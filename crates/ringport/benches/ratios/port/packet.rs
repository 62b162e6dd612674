//! A packet posted and taken by one thread, beside a push and a pop of a queue that many may push to.
//!
//! ```text
//!   port     post(key, value) ──► [ p ] ──► wait        counts who runs, in what order, and would wake who sleeps
//!   queue    push((key, value)) ► [ p ] ──► pop         keeps pairs
//! ```

use std::hint::black_box;

use crossbeam_queue::{ArrayQueue, SegQueue};
use ringport::CompletionPort;

use super::judge;
use crate::Failure;
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};

/// Packets of one turn.
const WORK: u64 = 10_000;
const CANDIDATES: [&str; 3] =
    ["CompletionPort, post and wait", "SegQueue, push and pop", "ArrayQueue, push and pop"];
/// What the port may cost more than a queue.
const MORE: f64 = 50.0;

pub(super) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let port = CompletionPort::new(1)?;
    let segments = SegQueue::new();
    // As many places as the port has by default.
    let array = ArrayQueue::new(65_536);
    let figures = interleave(options.rounds, CANDIDATES.len(), WORK as usize, |index| {
        let (time, result) = timed(|| match index {
            0 => repeat(|value| {
                port.post(1, value)?;
                black_box(port.wait(None)?);
                Ok(())
            }),
            1 => repeat(|value| {
                segments.push((1_u64, value));
                black_box(segments.pop());
                Ok(())
            }),
            _ => repeat(|value| {
                array.push((1_u64, value)).map_err(|_| "the queue is full")?;
                black_box(array.pop());
                Ok(())
            }),
        });
        result.map(|()| time)
    })?;
    let measured: Vec<_> = CANDIDATES.into_iter().zip(figures).collect();
    let [(_, port), rivals @ ..] = &measured[..] else { return Ok(()) };
    let rows = measured.iter().map(|(candidate, figures)| Row {
        measurement: "a packet on one thread".to_owned(),
        candidate: (*candidate).to_owned(),
        unit: "ns",
        figures: *figures,
        ratio: None,
    });
    report.add(rows.collect());
    let fastest = rivals.iter().min_by(|(_, one), (_, other)| one.median.total_cmp(&other.median));
    if let Some(&rival) = fastest {
        let what = "a packet posted and taken on one thread".to_owned();
        report.judge(judge(what, *port, rival, (1.0, MORE)));
    }
    Ok(())
}

#[inline(always)]
fn repeat(work: impl Fn(u64) -> Result<(), Failure>) -> Result<(), Failure> {
    (0..WORK).try_for_each(work)
}
