//! The pump's thread.
//!
//! ```text
//!   commands ─► receives posted ─► dequeue from the backend ─► completed, and a packet if armed
//!       ▲                                    │ nothing
//!       └─────────── sleep, gathering ◄──────┘
//! ```

use std::io;
use std::time::Duration;

use super::Pump;
use crate::backend;
use crate::queue::core::Core;

impl Pump {
    /// Works until the queue is closed.
    pub(in super::super) fn run(mut self) {
        while self.attend() {
            self.take_posts();
            let moved = self.step();
            if moved == 0 && !self.rest() {
                break;
            }
        }
        self.end();
    }

    /// Sleeps until there is something to do; `false` when the backend failed for good.
    fn rest(&mut self) -> bool {
        if !self.wish_for_posts() {
            return true;
        }
        let gather = self.core.next_gathering(backend::thread_time);
        let rested = self.core.rest(gather);
        self.shared.wants_posts.withdraw();
        self.report(rested)
    }
}

impl Core {
    /// Sleeps once, unless something completed already or another thread has asked for something.
    fn rest(&mut self, gather: Duration) -> io::Result<()> {
        self.prepare();
        let ready = !self.ready.is_empty() || gather.is_zero() && self.notifiable();
        if ready || !self.ready.is_empty() || self.signals.has_any() {
            return Ok(());
        }
        self.sleep(None, gather).map(|_| ())
    }
}
