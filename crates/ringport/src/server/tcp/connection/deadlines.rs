//! How long a connection is waited for.
//!
//! ```text
//!   open            last byte, in or out ──── idle time-out ───────►  looked at when the earlier of
//!                   first byte of a message ── message time-out ─►    the two has passed
//!   closing and     begun ──────── close time-out ────────►           the earlier, again; the second only
//!   lingering       last look ─► next look                            where the server stops
//! ```

use std::time::Duration;

use super::{Fate, Message, Requests, Served, Stage, Surroundings};
use crate::server::tcp::counters::Ending;
use crate::server::tcp::framing::Framing;
use crate::server::tcp::options::Terms;
use crate::server::tcp::wheel::Moment;

impl<Q: Requests, F: Framing, H: FnMut(Message<'_>)> Served<Q, F, H> {
    /// Notes when an unfinished message began, whose deadline may be nearer than that of idleness.
    #[inline]
    pub(super) fn mark_message(&mut self, around: &Surroundings<'_>) -> Fate {
        if self.assembly.len() == 0 {
            self.message_since = None;
            return Fate::Open;
        }
        if self.message_since.is_some() {
            return Fate::Open;
        }
        self.message_since = Some(around.now);
        Fate::Sooner
    }

    /// When it is to be looked at again, should nothing happen until then.
    pub(in crate::server::tcp) fn deadline(&self, terms: &Terms) -> Moment {
        let after =
            |since: Moment, time: Option<Duration>| time.map_or(Moment::NEVER, |time| since.after(time));
        if self.stage != Stage::Open {
            return self.close_by.min(self.look_at);
        }
        let idle = after(self.active, terms.idle_timeout);
        let message = self.message_since.map_or(Moment::NEVER, |since| after(since, terms.message_timeout));
        idle.min(message)
    }

    /// A deadline may have passed: what becomes of it.
    pub(in crate::server::tcp) fn timed_out(&mut self, around: &Surroundings<'_>) -> Fate {
        if self.deadline(around.terms) > around.now {
            return Fate::Sooner;
        }
        if self.close_by > around.now && self.stage == Stage::Lingering {
            return self.let_arrive(around);
        }
        if self.stage != Stage::Open {
            self.ending = if self.stage == Stage::Closing { Ending::CloseDeadline } else { self.ending };
            let _ = self.requests.socket().reset_on_close();
            return Fate::Gone;
        }
        let in_message = self.message_since.is_some();
        self.close(if in_message { Ending::MessageDeadline } else { Ending::Idle }, around);
        self.go_on(around)
    }
}
