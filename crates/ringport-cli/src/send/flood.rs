//! A run without replies: sends, at a rate or as fast as it goes, and counts.

use std::io;

use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::sys::troubles;

use super::figures::{Refusals, Sent};
use super::flows::Flows;
use super::pace::{self, Pace};
use super::plan::Plan;
use super::transmit::Transmit;

/// Sends the plan's datagrams.
pub(crate) fn run(plan: &Plan, flows: &Flows, interrupt: &Interrupt) -> Result<Sent, Failure> {
    let mut transmit = Transmit::new(plan, flows);
    let mut refusals = Refusals::default();
    let start = clock::now();
    let end = plan.duration.map_or(u64::MAX, |duration| start.saturating_add(duration.as_nanos() as u64));
    let pace = plan.rate.map(|rate| Pace::new(start, rate));
    let (mut next, mut turn, mut last) = (0, 0, start);
    while next < plan.datagrams {
        let now = match pace {
            Some(pace) => pace::wait_until(pace.due(next).min(end), interrupt),
            None => clock::now(),
        };
        if now >= end || interrupt.asked() {
            break;
        }
        let count = (plan.burst as u64).min(plan.datagrams - next) as usize;
        match transmit.send(flows, turn, next, count, now) {
            Ok(taken) => next += taken as u64,
            Err(error) => next += refusals.judge(&error, plan)?,
        }
        (turn, last) = (turn + 1, now);
    }
    // With a rate, the run lasts as long as its schedule: the last datagram too has its share of the time.
    let last = clock::now().max(last);
    Ok(Sent::new(plan, transmit.kind(), next, refusals, last - start, interrupt.asked()))
}

impl Refusals {
    /// Counts an error that a run survives and says how many datagrams it cost; any other ends the run.
    pub(crate) fn judge(&mut self, error: &io::Error, plan: &Plan) -> Result<u64, Failure> {
        if troubles::nobody_listens(error) {
            // The answer to an earlier datagram, told in place of sending this one: send it again.
            self.nobody_listening += 1;
            Ok(0)
        } else if troubles::own_queue_is_full(error) {
            // This datagram is lost before it left.
            self.own_queue_full += 1;
            Ok(1)
        } else if error.kind() == io::ErrorKind::Interrupted {
            Ok(0)
        } else if troubles::is_too_large(error) {
            Err(Failure::failed(format!(
                "datagrams of {} bytes do not fit on the way to {}: try a smaller --payload",
                plan.payload, plan.address
            )))
        } else {
            Err(Failure::failed(format!("could not send to {}: {error}", plan.address)))
        }
    }
}
