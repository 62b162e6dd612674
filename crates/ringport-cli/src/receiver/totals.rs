//! What all threads of a receiver together saw.

use crate::latency::Percentiles;

/// Everything that came.
pub(crate) struct Totals {
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    /// What no generator of ours sent.
    pub(crate) foreign: u64,
    /// When the first came and when the last; None if none came.
    pub(crate) ends: Option<(Moment, Moment)>,
    /// One way, where it is known here.
    pub(crate) latency_us: Option<Percentiles>,
}

/// A moment of the monotonic clock, and the process's allocations until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: u64,
    pub(crate) allocations: u64,
}

impl Moment {
    /// The earliest of the first moments and the latest of the last.
    pub(crate) fn ends(
        first: impl Iterator<Item = Moment>,
        last: impl Iterator<Item = Moment>,
    ) -> Option<(Moment, Moment)> {
        first.min_by_key(|it| it.at).zip(last.max_by_key(|it| it.at))
    }
}
