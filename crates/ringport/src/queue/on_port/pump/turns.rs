//! The pump's turns: it has no thread, and works in whichever is there.
//!
//! ```text
//!   a packet of the queue is taken ──┐
//!   its holder dequeues, re-arms ────┼──► turn: commands ─► receives posted ─► dequeue from the backend ─► completed
//!   posted, cancelled, asked ────────┘                                                │ nothing, and the right lies in
//!                                                                                     ▼ the berth
//!                                                                              arm the system (RIONotify)
//! ```
//!
//! While somebody has the right, the system need not say anything: the holder looks again before the right lies down, and
//! has a turn run afterwards. So the system is armed in that turn, or in a later one.

use std::io;
use std::time::Duration;

use super::Pump;
use crate::backend;

impl Pump {
    /// Works until there is nothing to do, or somebody else is to look; `false` when the queue has ended.
    pub(in super::super) fn turn(&mut self) -> bool {
        self.shared.wants_posts.withdraw();
        // Each turn has its reason to ask the system.
        (self.core.emptied, self.core.unasked) = (false, 0);
        loop {
            if !self.attend() {
                return false;
            }
            self.take_posts();
            let moved = self.step();
            let armed = self.shared.berth.is_full();
            if moved > 0 && armed {
                continue;
            }
            match self.settle(armed) {
                Ok(false) => {}
                Ok(true) => return self.report(Ok(())),
                Err(error) => return self.report(Err(error)),
            }
        }
    }

    /// Sees to it that the next turn comes; `false` when it is to be now.
    fn settle(&mut self, armed: bool) -> io::Result<bool> {
        if !self.wish_for_posts() {
            return Ok(false);
        }
        if !armed {
            return Ok(true);
        }
        if self.has_something() || !self.core.backend.dry().is_empty() && !self.core.wait_for_pools() {
            return Ok(false);
        }
        self.core.backend.arm_descriptor(true)?;
        Ok(!self.has_something())
    }

    /// A packet was taken: how long the thread that has it may wait before it looks.
    pub(in super::super) fn next_gathering(&mut self) -> Duration {
        let gather = self.core.next_gathering(backend::process_time);
        self.core.gathered += u64::from(!gather.is_zero());
        gather
    }

    /// The thread has waited since `begun`.
    pub(in super::super) fn slept(&mut self, begun: u64) {
        self.core.gathering.slept(begun, backend::now());
    }

    /// Whether the next step brings something, as far as can be seen from here.
    fn has_something(&mut self) -> bool {
        self.core.notifiable() || !self.core.ready.is_empty() || self.core.signals.has_any()
    }
}
