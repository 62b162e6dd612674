//! Lockstep: the peer stands still while its socket is filled, and only what it then does is measured.
//!
//! ```text
//!   stop ──► fill, 512 ──► note its time ──► go on ──► wait until it is quiet again ──► note its time ──► count
//!            (sender's)                     └────────── what is measured ───────────┘
//! ```
//!
//! On loopback the sender's call does most of the work of receiving, so only this says what a way of receiving costs
//! by itself.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use ringport_stand::Failure;
use ringport_stand::child::Child;

use super::{Bench, Cost, Outcome};
use crate::load::Load;
use crate::order::FILL;

/// A peer that worked before and not at all during this is through with what it had to do: far longer than a wait
/// that gathers.
const QUIET: Duration = Duration::from_millis(1);
/// So often it is looked at, at most.
const LOOKS: u32 = 100;
/// Fills after which a peer that was never through is one that cannot.
const TRIES: u32 = 200;

impl Bench<'_> {
    pub(super) fn drain(&mut self, peer: &mut Child, port: u16) -> Result<Outcome, Failure> {
        let (mut outcome, mut tries) = (Outcome::default(), 0);
        // The first warms up what the others find warm.
        self.fill_and_drain(peer, port)?;
        let end = Instant::now() + Duration::from_millis(self.options.window());
        loop {
            // A fill that was not through in time is none that could be measured.
            if let Some((cost, nanoseconds)) = self.fill_and_drain(peer, port)? {
                outcome.sent += FILL;
                outcome.received += FILL;
                outcome.nanoseconds += nanoseconds;
                outcome.cost = outcome.cost.plus(cost);
            }
            tries += 1;
            if Instant::now() >= end && (outcome.received > 0 || tries == TRIES) {
                return Ok(outcome);
            }
        }
    }

    fn fill_and_drain(&mut self, peer: &mut Child, port: u16) -> Result<Option<(Cost, u64)>, Failure> {
        let process = Pid::from_raw(i32::try_from(peer.pid())?);
        let before: u64 = peer.counts()?.iter().sum();
        kill(process, Signal::SIGSTOP)?;
        waitpid(process, Some(WaitPidFlag::WUNTRACED))?;
        self.send(Load::Drain, port, 0)?;
        let used = Cost::of(peer)?;
        kill(process, Signal::SIGCONT)?;
        let cost = through(peer, used)?.since(used);
        let through = peer.counts()?.iter().sum::<u64>() == before + FILL;
        peer.settled(before + FILL)?;
        Ok(through.then_some((cost, cost.cpu)))
    }
}

/// What `peer` used by the time that it has worked and does not work any more.
fn through(peer: &Child, used: Cost) -> Result<Cost, Failure> {
    let mut last = used;
    for _ in 0..LOOKS {
        sleep(QUIET);
        let now = Cost::of(peer)?;
        if now.cpu > used.cpu && now.cpu == last.cpu {
            break;
        }
        last = now;
    }
    Ok(last)
}
