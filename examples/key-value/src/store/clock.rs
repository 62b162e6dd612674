//! Time as values are kept for it.

use std::time::Instant;

/// Milliseconds since the store was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) u64);

impl Moment {
    /// Longer than any server runs.
    pub(crate) const NEVER: Moment = Moment(u64::MAX);
}

/// Tells the time.
pub(crate) trait Clock {
    fn now(&self) -> Moment;
}

/// How long the server is up, which no change of the date disturbs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uptime(Instant);

impl Uptime {
    pub(crate) fn start() -> Uptime {
        Uptime(Instant::now())
    }
}

impl Clock for Uptime {
    fn now(&self) -> Moment {
        Moment(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}
