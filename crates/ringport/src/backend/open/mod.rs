//! Choosing a backend, and saying why.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::fmt;
use std::io;

#[cfg(target_os = "linux")]
use self::linux as system;
#[cfg(windows)]
use self::windows as system;
use super::contract::Contract;
use super::{BackendChoice, BackendError, BackendKind};

#[cfg(windows)]
pub(crate) use self::system::open_on;
pub(crate) use self::system::{IN_NEED, PLAIN, for_streams, open_polled, shared_slices};

/// The environment variable that forces a backend wherever a program leaves the choice open.
const VARIABLE: &str = "RINGPORT_BACKEND";

/// A backend that is taken where the choice is free, and why, as part of a sentence.
pub(crate) struct Preferred {
    pub(crate) choice: BackendChoice,
    pub(crate) kind: BackendKind,
    pub(crate) reason: &'static str,
    /// What the user may look at.
    pub(crate) hint: &'static str,
}

/// Which backend a choice leads to on this machine, and why.
///
/// It is made by [`explain`] and is as things stand at that moment: a sandbox may close its doors later.
///
/// ```
/// use ringport::backend::explain;
/// use ringport::{BackendChoice, BackendKind};
///
/// let (choice, kind) = match cfg!(windows) {
///     true => (BackendChoice::Overlapped, BackendKind::Overlapped),
///     false => (BackendChoice::Epoll, BackendKind::Epoll),
/// };
/// let explanation = explain(choice)?;
/// assert_eq!(explanation.kind, kind);
/// assert_eq!(explanation.to_string(), format!("{kind}: asked for by the program"));
/// # Ok::<(), ringport::backend::BackendError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The backend that runs.
    pub kind: BackendKind,
    /// Why this one, as part of a sentence.
    pub reason: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind, self.reason)
    }
}

/// One feature of io_uring, or of Registered I/O, as found by trying it.
///
/// ```
/// use ringport::backend::{explain, features};
///
/// for feature in features() {
///     assert_eq!(feature.present, feature.error.is_none());
/// }
/// let complete = features().iter().all(|feature| feature.present || !feature.required);
/// let best = if cfg!(windows) { ringport::BackendChoice::Rio } else { ringport::BackendChoice::Uring };
/// assert_eq!(complete, explain(best).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct FeatureReport {
    /// What was tried.
    pub feature: &'static str,
    /// Whether the backend cannot do without it.
    pub required: bool,
    /// Whether it is there.
    pub present: bool,
    /// What the system answered where it is not.
    pub error: Option<String>,
}

/// What of io_uring, or on Windows of Registered I/O, this process may use, each feature found by trying it.
///
/// It is tried once a process, on rings and loopback sockets of its own.
///
/// ```
/// for feature in ringport::backend::features() {
///     println!("{}: {}", feature.feature, if feature.present { "yes" } else { "no" });
/// }
/// ```
pub fn features() -> Vec<FeatureReport> {
    let report = |(feature, required, result): (_, _, Result<(), i32>)| FeatureReport {
        feature,
        required,
        present: result.is_ok(),
        error: result.err().map(|error| io::Error::from_raw_os_error(error).to_string()),
    };
    system::findings().into_iter().map(report).collect()
}

/// Which backend `choice` leads to here, and why. It opens nothing that stays open.
///
/// # Errors
/// As opening a queue with that choice would fail.
///
/// ```
/// let explanation = ringport::backend::explain(ringport::BackendChoice::Automatic)?;
/// println!("{explanation}");
/// # Ok::<(), ringport::backend::BackendError>(())
/// ```
pub fn explain(choice: BackendChoice) -> Result<Explanation, BackendError> {
    let forced = if choice == BackendChoice::Automatic { from_environment()? } else { None };
    let because = match (choice, forced) {
        (BackendChoice::Automatic, None) => None,
        (BackendChoice::Automatic, Some(_)) => Some(format!("forced by {VARIABLE}")),
        _ => Some("asked for by the program".to_owned()),
    };
    system::explain(forced.unwrap_or(choice), because)
}

/// Opens the backend for a completion queue of `size`.
pub(crate) fn open(choice: BackendChoice, size: usize) -> Result<Box<dyn Contract>, BackendError> {
    let chosen = explain(choice)?;
    system::open(chosen, is_free(choice), size)
}

/// Whether a choice leaves the backend open, so that one that cannot go on may be replaced by the other.
pub(crate) fn is_free(choice: BackendChoice) -> bool {
    choice == BackendChoice::Automatic && matches!(from_environment(), Ok(None))
}

/// What the environment variable forces, if it is set.
fn from_environment() -> Result<Option<BackendChoice>, BackendError> {
    match std::env::var(VARIABLE) {
        Ok(word) if word.is_empty() => Ok(None),
        Ok(word) => {
            let choice: BackendChoice = word.parse()?;
            Ok(Some(choice).filter(|choice| *choice != BackendChoice::Automatic))
        }
        Err(_) => Ok(None),
    }
}
