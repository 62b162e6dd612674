//! What a connection waits for, and since when.

use std::time::Instant;

use crate::limits::{LINGER, Times};

/// What the peer has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Send the first request, or the rest of one.
    Head,
    /// Send another request.
    Idle,
    /// Take what is sent.
    Peer,
    /// Close.
    Linger,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Timer {
    waiting: Waiting,
    since: Instant,
    /// It has waited for one thing only.
    is_first: bool,
}

impl Timer {
    /// A connection begins with a request.
    pub(crate) fn new(now: Instant) -> Timer {
        Timer { waiting: Waiting::Head, since: now, is_first: true }
    }

    pub(crate) fn waiting(&self) -> Waiting {
        self.waiting
    }

    /// It waits for this now; its time goes on if it did before. So bytes that trickle in win no time.
    pub(crate) fn wait_for(&mut self, waiting: Waiting, now: Instant) {
        if self.waiting != waiting {
            *self = Timer { waiting, since: now, is_first: false };
        }
    }

    /// What it waits for where nothing of a request has come: the first has the time of a head from the start.
    pub(crate) fn between(&self) -> Waiting {
        if self.is_first { Waiting::Head } else { Waiting::Idle }
    }

    /// The peer has taken something.
    pub(crate) fn progress(&mut self, now: Instant) {
        self.since = now;
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, times: &Times, now: Instant) -> bool {
        let allowed = match self.waiting {
            Waiting::Head => times.head,
            Waiting::Idle => times.idle,
            Waiting::Peer => times.stall,
            Waiting::Linger => LINGER,
        };
        now.saturating_duration_since(self.since) >= allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TIMES: Times = Times {
        head: Duration::from_secs(1),
        idle: Duration::from_secs(5),
        stall: Duration::from_secs(3),
        drain: Duration::from_secs(1),
    };

    #[test]
    fn only_another_wait_or_progress_begins_anew() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut timer = Timer::new(start);
        timer.wait_for(Waiting::Head, after(1));
        assert!(timer.is_over(&TIMES, after(1)), "the time of a head is not renewed");
        timer.wait_for(Waiting::Peer, after(1));
        assert!(!timer.is_over(&TIMES, after(3)));
        timer.progress(after(3));
        assert!(!timer.is_over(&TIMES, after(5)));
        assert!(timer.is_over(&TIMES, after(6)));
        timer.wait_for(Waiting::Idle, after(6));
        assert!(!timer.is_over(&TIMES, after(10)));
        assert!(timer.is_over(&TIMES, after(11)));
    }
}
