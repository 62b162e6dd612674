//! What a wait is for: latency, processor time, or both where that is possible.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The longest wait that [`Waiting::Balanced`] gathers for.
const BALANCED: Duration = Duration::from_micros(50);
/// The longest that any policy gathers for: longer ones delay more than they save.
const LONGEST: Duration = Duration::from_millis(10);
/// What the word `throughput` means where no time stands with it.
const USUAL: Duration = Duration::from_micros(100);

/// Whether a wait may hold completions back so that several are taken with one wake-up.
///
/// When a server is not saturated, a wake-up costs several times what a datagram does. To *gather* is to sleep a little
/// longer than needed and be woken once for many: less processor time, more latency. A policy says who decides.
///
/// | | holds back | for |
/// | --- | --- | --- |
/// | `Latency` | never | each answer as soon as possible |
/// | `Balanced` | at most 50 us, where a trial showed that the traffic does not slow down by it | nearly everybody |
/// | `Throughput` | at most `at_most`, wherever a wait brings several | senders that wait for no answer, or may be slowed |
///
/// Nothing is ever held back of traffic so sparse that a wait would bring one datagram: each policy measures the rate
/// without waiting first, and begins to gather only if two datagrams at least are to come within its time.
///
/// ```
/// use ringport::{CompletionQueue, Waiting};
/// use std::time::Duration;
///
/// let waiting = Waiting::Throughput { at_most: Duration::from_micros(100) };
/// let queue = CompletionQueue::builder(64).waiting(waiting).event()?;
/// assert_eq!(queue.gathered(), 0); // waits that gathered so far
///
/// assert_eq!(Waiting::default(), Waiting::Balanced);
/// assert_eq!("throughput:100us".parse(), Ok(waiting));
/// # Ok::<(), ringport::QueueError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// A wait ends with the first completion, always.
    Latency,
    /// A wait may gather for up to 50 microseconds, once a trial has shown that nobody is slowed down by it and that it
    /// saves a tenth of this thread's processor time. A client that waits for its answer before it sends again slows
    /// down at once, which ends the trial after four waits at most; the next is due after a millisecond, and later after
    /// up to 256.
    #[default]
    Balanced,
    /// A wait may gather for up to `at_most` as long as that brings several completions and makes none dearer. Whether
    /// anybody is slowed down is not asked: where clients wait for their answers, and several do at a time, each round
    /// trip takes up to `at_most` longer. A client alone is not slowed: its waits bring one datagram, which ends a trial
    /// as in `Balanced`.
    Throughput {
        /// The longest time by which a completion may be held back. Zero is `Latency`, and more than 10 milliseconds
        /// count as 10.
        at_most: Duration,
    },
}

impl Waiting {
    /// The longest time by which a completion may be held back; zero if none ever is.
    ///
    /// ```
    /// use ringport::Waiting;
    ///
    /// assert!(Waiting::Latency.bound().is_zero());
    /// assert_eq!(Waiting::Balanced.bound().as_micros(), 50);
    /// ```
    pub fn bound(self) -> Duration {
        match self {
            Waiting::Latency => Duration::ZERO,
            Waiting::Balanced => BALANCED,
            Waiting::Throughput { at_most } => at_most.min(LONGEST),
        }
    }
}

/// A word that names no policy.
///
/// ```
/// use ringport::Waiting;
///
/// let error = "throughput:1s".parse::<Waiting>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "\"throughput:1s\" is no way to wait: write latency, balanced, throughput, or throughput:TIME with a time \
///      from 1us to 10ms, such as throughput:100us"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{given:?} is no way to wait: write latency, balanced, throughput, or throughput:TIME with a time from 1us to 10ms, \
     such as throughput:100us"
)]
pub struct UnknownWaiting {
    given: String,
}

impl UnknownWaiting {
    /// The word that was given.
    ///
    /// ```
    /// use ringport::Waiting;
    ///
    /// assert_eq!("fast".parse::<Waiting>().unwrap_err().given(), "fast");
    /// ```
    pub fn given(&self) -> &str {
        &self.given
    }
}

/// As it is read, a time in whole microseconds.
impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Waiting::Latency => formatter.pad("latency"),
            Waiting::Balanced => formatter.pad("balanced"),
            Waiting::Throughput { at_most } => {
                formatter.pad(&format!("throughput:{}us", at_most.as_micros()))
            }
        }
    }
}

impl FromStr for Waiting {
    type Err = UnknownWaiting;

    fn from_str(word: &str) -> Result<Waiting, UnknownWaiting> {
        let unknown = || UnknownWaiting { given: word.to_owned() };
        match word {
            "latency" => Ok(Waiting::Latency),
            "balanced" => Ok(Waiting::Balanced),
            "throughput" => Ok(Waiting::Throughput { at_most: USUAL }),
            _ => {
                let at_most = word.strip_prefix("throughput:").and_then(short_time).ok_or_else(unknown)?;
                Ok(Waiting::Throughput { at_most })
            }
        }
    }
}

/// `100us` or `1ms`, up to the longest that means anything.
fn short_time(text: &str) -> Option<Duration> {
    let (digits, unit) = match text.strip_suffix("us") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix("ms")?, 1_000),
    };
    let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let time = Duration::from_micros(digits.parse::<u64>().ok()?.checked_mul(unit)?);
    Some(time).filter(|time| !time.is_zero() && *time <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_it_is_printed() {
        let throughput = |time| Waiting::Throughput { at_most: Duration::from_micros(time) };
        for waiting in [Waiting::Latency, Waiting::Balanced, throughput(1), throughput(10_000)] {
            assert_eq!(waiting.to_string().parse(), Ok(waiting));
        }
        assert_eq!("throughput".parse(), Ok(throughput(100)));
        assert_eq!("throughput:2ms".parse(), Ok(throughput(2_000)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let times = ["", "us", "0us", "100", "11ms", "1s", "+1us", "1 us", "-1us", "99999999999999999999us"];
        for time in times {
            assert!(format!("throughput:{time}").parse::<Waiting>().is_err(), "{time}");
        }
        for word in ["", "Latency", "balanced:50us", "50us"] {
            assert!(word.parse::<Waiting>().is_err(), "{word}");
        }
    }

    #[test]
    fn no_bound_is_longer_than_the_longest() {
        assert_eq!(Waiting::Throughput { at_most: Duration::MAX }.bound(), LONGEST);
    }
}
