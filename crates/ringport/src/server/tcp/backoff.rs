//! How long a client waits before it connects again.

use crate::server::ServerError;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// Pauses between attempts that grow by a factor up to a maximum, each shortened by chance so that many clients that
/// lost the same server do not come back all at once.
///
/// A pause is evenly spread over the upper half of what it may be: with a first pause of 100 ms and a factor of 2 they
/// are 50 to 100 ms, 100 to 200 ms, 200 to 400 ms, ... It is a value without a clock, a thread or a lock.
///
/// ```
/// use ringport::server::tcp::Backoff;
/// use std::time::Duration;
///
/// let mut backoff = Backoff::new(Duration::from_millis(100), 2.0, Duration::from_secs(5))?;
/// let pause = backoff.next_pause();                    // after the first failure
/// assert!(pause >= Duration::from_millis(50) && pause <= Duration::from_millis(100));
/// let pause = backoff.next_pause();
/// assert!(pause >= Duration::from_millis(100) && pause <= Duration::from_millis(200));
/// backoff.succeeded();                                 // from the beginning, next time
/// assert!(backoff.next_pause() <= Duration::from_millis(100));
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    maximum: Duration,
    /// The most the next pause may be.
    next: Duration,
    failures: u32,
    /// The state of a small generator, which nothing depends on but the spread.
    random: u64,
}

impl Default for Backoff {
    /// 100 ms, twice as long each time, at most 10 seconds.
    fn default() -> Backoff {
        Backoff::spread(Duration::from_millis(100), 2.0, Duration::from_secs(10), any_seed())
    }
}

impl Backoff {
    /// A first pause of at most `first`, and each of the next ones `factor` times as long, up to `maximum`.
    ///
    /// # Errors
    /// [`ServerError::Option`] for a first pause of zero or longer than the maximum, and for a factor that is less
    /// than 1 or not finite.
    pub fn new(first: Duration, factor: f64, maximum: Duration) -> Result<Backoff, ServerError> {
        if first.is_zero() || first > maximum {
            return Err(ServerError::Option {
                option: "the first pause",
                asked: format!("{first:?}"),
                allowed: format!("more than zero, and at most the maximum of {maximum:?}"),
            });
        }
        if !factor.is_finite() || factor < 1.0 {
            return Err(ServerError::Option {
                option: "the factor between pauses",
                asked: factor.to_string(),
                allowed: "1 or more".to_owned(),
            });
        }
        Ok(Backoff::spread(first, factor, maximum, any_seed()))
    }

    fn spread(first: Duration, factor: f64, maximum: Duration, seed: u64) -> Backoff {
        Backoff { first, factor, maximum, next: first, failures: 0, random: seed }
    }

    /// The pause after a failed attempt. It is never zero.
    pub fn next_pause(&mut self) -> Duration {
        let longest = self.next;
        let grown = Duration::try_from_secs_f64(longest.as_secs_f64() * self.factor);
        // What is longer than a duration can say is longer than the maximum, too.
        self.next = grown.unwrap_or(self.maximum).min(self.maximum);
        self.failures = self.failures.saturating_add(1);
        let seconds = longest.as_secs_f64() * (0.5 + self.chance() / 2.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(longest).clamp(Duration::from_nanos(1), longest)
    }

    /// An attempt succeeded: the next failure waits as long as the first.
    pub fn succeeded(&mut self) {
        self.next = self.first;
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// A number from 0 up to 1: the upper bits of a counter that is mixed well (splitmix64).
    fn chance(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Another one for each call, in each process: the standard library's maps need the same.
fn any_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: Duration = Duration::from_millis(10);

    proptest! {
        #[test]
        fn every_pause_is_in_the_upper_half_of_what_it_may_be(
            first in 1_000_000u64..u64::MAX / 2, factor in 1.0f64..1e9, above in any::<u64>(), seed: u64, failures in 1u32..200,
        ) {
            let first = Duration::from_nanos(first);
            let maximum = first.saturating_add(Duration::from_nanos(above));
            let mut backoff = Backoff::spread(first, factor, maximum, seed);
            let mut longest = first.as_secs_f64();
            for failure in 0..failures {
                prop_assert_eq!(backoff.failures(), failure);
                let pause = backoff.next_pause();
                prop_assert!(pause > Duration::ZERO && pause <= maximum);
                // But for what rounding to nanoseconds adds up to.
                let part = pause.as_secs_f64() / longest;
                prop_assert!((0.499..1.001).contains(&part), "{} of {}", part, longest);
                longest = (longest * factor).min(maximum.as_secs_f64());
            }
            backoff.succeeded();
            prop_assert_eq!(backoff.failures(), 0);
            prop_assert!(backoff.next_pause() <= first);
        }
    }

    #[test]
    fn pauses_grow_to_the_maximum_and_stay_there() {
        let mut backoff = Backoff::spread(FIRST, 3.0, Duration::from_millis(80), 5);
        let longest: Vec<Duration> = (0..5)
            .map(|_| {
                let longest = backoff.next;
                backoff.next_pause();
                longest
            })
            .collect();
        assert_eq!(longest, [10, 30, 80, 80, 80].map(Duration::from_millis));
    }

    #[test]
    fn clients_are_spread_over_the_whole_of_it() {
        let mut tenths = [0; 10];
        for seed in 0..10_000 {
            let pause = Backoff::spread(FIRST, 2.0, FIRST, seed).next_pause().as_secs_f64();
            let place = (pause / FIRST.as_secs_f64() - 0.5) * 20.0;
            tenths[(place as usize).min(9)] += 1;
        }
        assert!(tenths.iter().all(|count| (800..1200).contains(count)), "{tenths:?}");
        let another = |_| Backoff::default().next_pause();
        let pauses: std::collections::BTreeSet<Duration> = (0..50).map(another).collect();
        assert!(pauses.len() > 40, "each client has a spread of its own: {pauses:?}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(Backoff::new(Duration::ZERO, 2.0, FIRST).is_err());
        assert!(Backoff::new(FIRST * 2, 2.0, FIRST).is_err());
        for factor in [0.5, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Backoff::new(FIRST, factor, FIRST).is_err(), "{factor}");
        }
        let error = Backoff::new(FIRST * 2, 2.0, FIRST).unwrap_err().to_string();
        assert_eq!(
            error,
            "the first pause is 20ms, allowed is more than zero, and at most the maximum of 10ms"
        );
        assert!(Backoff::new(FIRST, 1.0, Duration::MAX).unwrap().next_pause() <= FIRST);
        let mut longest = Backoff::new(Duration::MAX, f64::MAX, Duration::MAX).unwrap();
        assert!(longest.next_pause() <= Duration::MAX && longest.next_pause() > Duration::from_secs(1));
    }
}
