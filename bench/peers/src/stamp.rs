//! Time stamps in datagrams, and how long those that carry one were under way.
//!
//! ```text
//!   payload   [ sent, nanoseconds of CLOCK_MONOTONIC, or 0: 8 bytes ][ number: 8 bytes ][ ... ]
//! ```
//!
//! One clock holds for all processes of a machine. Only some datagrams carry a stamp, so that looking at the clock is
//! no part of what a datagram costs.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use hdrhistogram::Histogram;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Bytes of a stamp.
pub(crate) const STAMP: usize = 8;

/// Longer ones are counted as this, in nanoseconds.
const LONGEST: u64 = 10_000_000_000;

/// Nanoseconds of the clock that all processes share.
pub(crate) fn now() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |time| time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64)
}

/// When this datagram was sent; zero if it does not say.
#[inline]
pub(crate) fn of(payload: &[u8]) -> u64 {
    payload.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Delays of datagrams, or of their way there and back.
pub(crate) struct Delays(Histogram<u64>);

/// What is said of them, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    /// How many were looked at.
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

impl Delays {
    /// None yet.
    pub(crate) fn new() -> Option<Delays> {
        Histogram::new_with_bounds(1, LONGEST, 3).ok().map(Delays)
    }

    #[inline]
    pub(crate) fn note(&mut self, nanoseconds: u64) {
        self.0.saturating_record(nanoseconds);
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        let at = |share| self.0.value_at_quantile(share) as f64 / 1e3;
        Percentiles { count: self.0.len(), p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }
}

/// Delays that a process can keep: more than any measurement brings.
const MOST: usize = 1 << 17;

/// Those that this process saw, in nanoseconds, in the order they came. One thread adds to them.
static SEEN: [AtomicU32; MOST] = [const { AtomicU32::new(0) }; MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Notes the delay of a datagram that says when it was sent.
#[inline]
pub(crate) fn look(payload: &[u8]) {
    let sent = of(payload);
    if sent != 0 {
        note(sent);
    }
}

/// A store and a look at the clock, so that it costs next to nothing.
#[cold]
fn note(sent: u64) {
    let delay = now().saturating_sub(sent);
    let place = COUNT.load(Ordering::Relaxed);
    if let Some(seen) = SEEN.get(place) {
        seen.store(u32::try_from(delay).unwrap_or(u32::MAX), Ordering::Relaxed);
        COUNT.store(place + 1, Ordering::Release);
    }
}

/// What was seen since the last call, as JSON. Asked for while nothing comes.
pub(crate) fn take() -> serde_json::Value {
    let seen = SEEN.iter().take(COUNT.swap(0, Ordering::Acquire));
    let mut delays = Delays::new();
    for nanoseconds in seen {
        delays.iter_mut().for_each(|delays| delays.note(nanoseconds.load(Ordering::Relaxed).into()));
    }
    let percentiles = delays.map(|delays| delays.percentiles()).unwrap_or_default();
    serde_json::to_value(percentiles).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_datagrams_with_a_stamp_are_looked_at() {
        let mut payload = [0; 64];
        look(&payload);
        look(&[1, 2, 3]);
        assert_eq!(take()["count"], 0);
        payload[..STAMP].copy_from_slice(&(now() - 5_000_000).to_le_bytes());
        look(&payload);
        let seen: Percentiles = serde_json::from_value(take()).unwrap();
        assert!(seen.count == 1 && seen.p50 >= 4_900.0, "{seen:?}");
        assert_eq!(take()["count"], 0, "taken");
    }
}
