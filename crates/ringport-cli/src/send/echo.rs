//! A run with replies, in one thread: sends what is due and allowed, takes what came, and sleeps in between.
//!
//! One thread, because on a small machine a second one would take the core that the server needs, and because a
//! closed loop that hands over between threads would measure its own hand-over.

use std::io::ErrorKind;

use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::sys::{datagrams, troubles};

use super::figures::{Refusals, Sent};
use super::flows::Flows;
use super::pace::{Pace, sleep_end};
use super::plan::{EchoLimits, Plan};
use super::replies::Replies;
use super::transmit::Transmit;

/// Replies taken from one socket before the schedule is looked at again.
const TAKEN_AT_ONCE: usize = 64;

/// Sends the plan's datagrams and takes their echoes.
pub(crate) fn run(
    plan: &Plan,
    limits: EchoLimits,
    flows: &Flows,
    interrupt: &Interrupt,
) -> Result<Sent, Failure> {
    let start = clock::now();
    let pace = plan.rate.map(|rate| Pace::new(start, rate));
    let end = plan.duration.map_or(u64::MAX, |duration| start.saturating_add(duration.as_nanos() as u64));
    let timeout = limits.timeout.as_nanos() as u64;
    let mut run = EchoLoop {
        plan,
        flows,
        transmit: Transmit::new(plan, flows),
        replies: Replies::new(plan.flows, pace, limits.outstanding.is_some()),
        refusals: Refusals::default(),
        buffer: vec![0; plan.payload + 1],
        next: 0,
        turn: 0,
    };
    let (mut last_sent, mut last_reply) = (start, start);
    loop {
        let came = run.take_replies()?;
        let now = clock::now();
        if came {
            last_reply = now;
        }
        run.replies.abandon(now.saturating_sub(timeout));
        let outstanding = run.replies.outstanding(run.next);
        let sending = run.next < plan.datagrams && now < end && !interrupt.asked();
        let room = limits.outstanding.unwrap_or(u64::MAX).saturating_sub(outstanding);
        let due = pace.map_or(now, |pace| pace.due(run.next)).min(end);
        if sending && room > 0 && due <= now {
            run.send(room, now)?;
            last_sent = now;
            continue;
        }
        // An interrupt ends the waiting too: what is still on its way then counts as lost.
        let silent_since = run.replies.oldest().unwrap_or(last_sent.max(last_reply));
        if !sending && (outstanding == 0 || now >= silent_since.saturating_add(timeout) || interrupt.asked())
        {
            break;
        }
        if !came {
            let timeout_end = silent_since.saturating_add(timeout);
            run.sleep(
                now,
                if sending && room > 0 { due } else { timeout_end.min(if sending { end } else { u64::MAX }) },
            );
        }
    }
    let elapsed = last_sent.max(last_reply) - start;
    let figures = Sent::new(plan, run.transmit.kind(), run.next, run.refusals, elapsed, interrupt.asked());
    Ok(figures.with_replies(plan, limits, &run.replies))
}

struct EchoLoop<'a> {
    plan: &'a Plan,
    flows: &'a Flows,
    transmit: Transmit,
    replies: Replies,
    refusals: Refusals,
    /// One byte more than a reply may have, so that a longer one shows.
    buffer: Vec<u8>,
    next: u64,
    turn: u64,
}

impl EchoLoop<'_> {
    fn send(&mut self, room: u64, now: u64) -> Result<(), Failure> {
        let count = (self.plan.burst as u64).min(self.plan.datagrams - self.next).min(room) as usize;
        match self.transmit.send(self.flows, self.turn, self.next, count, now) {
            Ok(taken) => {
                self.replies.sent(self.next, taken, now);
                self.next += taken as u64;
            }
            Err(error) => self.next += self.refusals.judge(&error, self.plan)?,
        }
        self.turn += 1;
        Ok(())
    }

    /// Takes what waits in the sockets; true if there was anything.
    fn take_replies(&mut self) -> Result<bool, Failure> {
        let mut came = false;
        for (flow, socket) in self.flows.sockets().iter().enumerate() {
            for _ in 0..TAKEN_AT_ONCE {
                match datagrams::receive(socket, &mut self.buffer) {
                    Ok(length) => {
                        let now = clock::now();
                        self.replies.take(flow, &self.buffer[..length], self.plan.payload, self.next, now);
                        came = true;
                    }
                    Err(error) if troubles::nobody_listens(&error) => self.refusals.nobody_listening += 1,
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                        break;
                    }
                    Err(error) => {
                        let words = troubles::describe(&error);
                        return Err(Failure::failed(format!("could not receive: {words}")));
                    }
                }
            }
        }
        Ok(came)
    }

    /// Sleeps until a reply comes or `until` is near; the last bit is left to the caller's loop, which spins.
    fn sleep(&self, now: u64, until: u64) {
        let Some(end) = sleep_end(now, until) else { return };
        datagrams::wait_for_any(self.flows.sockets(), end - now);
    }
}
