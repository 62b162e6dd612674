//! Moments as the wheel counts them: nanoseconds since it was made, and ticks of 2^20 nanoseconds (1.05 ms).

use std::time::Duration;

/// Nanoseconds in a tick: a power of two, so that a tick is a shift.
const TICK_BITS: u32 = 20;
/// Bits of the last tick there is.
pub(super) const TICKS_BITS: u32 = u64::BITS - TICK_BITS;

/// A point in time of one wheel. Reading the clock once a batch and adding to that costs no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// After every other moment.
    pub(crate) const NEVER: Moment = Moment(u64::MAX);

    /// So long after the wheel was made.
    #[inline]
    pub(super) fn since_start(since: Duration) -> Moment {
        Moment(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    /// So much later.
    #[inline]
    pub(crate) fn after(self, time: Duration) -> Moment {
        Moment(self.0.saturating_add(Moment::since_start(time).0))
    }

    /// How long it is after `earlier`; nothing, if it is not.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The moment a tick begins.
    pub(super) fn of_tick(tick: u64) -> Moment {
        Moment(tick << TICK_BITS)
    }

    /// The last tick that has begun.
    #[inline]
    pub(super) const fn tick(self) -> u64 {
        self.0 >> TICK_BITS
    }

    /// The first tick that does not begin before it. So nothing is ever early, and no time is ever rounded to none.
    #[inline]
    pub(super) const fn tick_not_before(self) -> u64 {
        self.tick() + (self.0 & ((1 << TICK_BITS) - 1) != 0) as u64
    }
}
