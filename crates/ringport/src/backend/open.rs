//! Choosing a backend, and saying why.

use std::fmt;
use std::io;

use thiserror::Error;

use super::contract::Contract;
use super::epoll::EpollBackend;
use super::uring::{self, Uring};
use super::{BackendChoice, BackendKind, UnknownBackend};
use crate::advice::advice;
use crate::notice;

/// The environment variable that forces a backend wherever a program leaves the choice open.
const VARIABLE: &str = "RINGPORT_BACKEND";

/// A backend could not be opened.
///
/// [`BackendError::UringUnavailable`] comes only where io_uring was named, by the program or by the environment
/// variable `RINGPORT_BACKEND`: with the choice left open, epoll runs instead.
///
/// ```
/// use ringport::backend::{BackendError, explain};
/// use ringport::{BackendChoice, BackendKind};
///
/// match explain(BackendChoice::Uring) {
///     Ok(explanation) => assert_eq!(explanation.kind, BackendKind::Uring),
///     Err(BackendError::UringUnavailable { reason }) => println!("no io_uring here: {reason}"),
///     Err(error) => return Err(error),
/// }
/// assert!(explain(BackendChoice::Epoll).is_ok());
/// # Ok::<(), BackendError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackendError {
    /// io_uring was asked for by name, and this kernel or its rules refuse it.
    #[error("io_uring was asked for and cannot run here: {reason}; leave the choice automatic to use epoll")]
    UringUnavailable {
        /// What stands in the way, and what to change.
        reason: String,
    },
    /// The environment variable names no backend.
    #[error("RINGPORT_BACKEND: {0}")]
    Variable(#[from] UnknownBackend),
    /// The system had no resources for it.
    #[error("opening the {kind} backend: {source}{}", advice(source))]
    System {
        /// Which backend.
        kind: BackendKind,
        /// What the system said.
        source: io::Error,
    },
}

/// Which backend a choice leads to on this machine, and why.
///
/// It is made by [`explain`] and is as things stand at that moment: a sandbox may close its doors later.
///
/// ```
/// use ringport::backend::explain;
/// use ringport::{BackendChoice, BackendKind};
///
/// let explanation = explain(BackendChoice::Epoll)?;
/// assert_eq!(explanation.kind, BackendKind::Epoll);
/// assert_eq!(explanation.to_string(), "epoll: asked for by the program");
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

/// One feature of io_uring, as found by trying it.
///
/// ```
/// use ringport::backend::{explain, features};
///
/// for feature in features() {
///     assert_eq!(feature.present, feature.error.is_none());
/// }
/// let complete = features().iter().all(|feature| feature.present || !feature.required);
/// assert_eq!(complete, explain(ringport::BackendChoice::Uring).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct FeatureReport {
    /// What was tried.
    pub feature: &'static str,
    /// Whether the backend cannot do without it.
    pub required: bool,
    /// Whether it is there.
    pub present: bool,
    /// What the kernel answered where it is not.
    pub error: Option<String>,
}

/// What of io_uring this process may use, each feature found by trying it.
///
/// It is tried once a process, on rings and loopback sockets of its own.
///
/// ```
/// for feature in ringport::backend::features() {
///     println!("{}: {}", feature.feature, if feature.present { "yes" } else { "no" });
/// }
/// ```
pub fn features() -> Vec<FeatureReport> {
    let probed = uring::probe();
    let findings = probed.findings.iter();
    findings
        .map(|finding| FeatureReport {
            feature: finding.feature,
            required: finding.required,
            present: finding.result.is_ok(),
            error: finding.result.err().map(|error| io::Error::from_raw_os_error(error).to_string()),
        })
        .collect()
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
    let choice = forced.unwrap_or(choice);
    let refusal = uring_refusal();
    match (choice, refusal) {
        (BackendChoice::Epoll, _) => {
            Ok(Explanation { kind: BackendKind::Epoll, reason: because.unwrap_or_default() })
        }
        (BackendChoice::Uring, Some(reason)) => Err(BackendError::UringUnavailable { reason }),
        (BackendChoice::Automatic, Some(reason)) => Ok(Explanation {
            kind: BackendKind::Epoll,
            reason: format!("io_uring cannot run here: {reason}"),
        }),
        (_, None) => {
            let reason = because.unwrap_or_else(|| "this kernel allows all that io_uring needs".to_owned());
            Ok(Explanation { kind: BackendKind::Uring, reason })
        }
    }
}

/// Opens the backend for a completion queue of `size`.
pub(crate) fn open(choice: BackendChoice, size: usize) -> Result<Box<dyn Contract>, BackendError> {
    let chosen = explain(choice)?;
    let automatic = is_free(choice);
    if chosen.kind == BackendKind::Uring {
        let opened = match uring::probe().features.as_ref() {
            Some(features) => Uring::open(size, features),
            None => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
        };
        match opened {
            Ok(backend) => return Ok(Box::new(backend)),
            // A sandbox may close its doors while the process runs.
            Err(source) if automatic => {
                notice::say(&format!("using epoll, io_uring failed to open: {source}{}", advice(&source)));
            }
            Err(source) => return Err(BackendError::System { kind: BackendKind::Uring, source }),
        }
    } else if automatic {
        notice::say(&format!("using epoll, {}", chosen.reason));
    }
    match EpollBackend::open() {
        Ok(backend) => Ok(Box::new(backend)),
        Err(source) => Err(BackendError::System { kind: BackendKind::Epoll, source }),
    }
}

/// Slices of a pool that a completion queue may keep for all its connections together.
pub(crate) fn shared_slices(kind: BackendKind) -> usize {
    if kind == BackendKind::Uring { uring::SHARED_SLICES as usize } else { 0 }
}

/// Whether a choice leaves the backend open, so that one that cannot go on may be replaced by the other.
pub(crate) fn is_free(choice: BackendChoice) -> bool {
    choice == BackendChoice::Automatic && matches!(from_environment(), Ok(None))
}

/// The choice for streams: epoll unless somebody says otherwise, for it costs less where connections take turns.
pub(crate) fn for_streams(choice: BackendChoice) -> BackendChoice {
    if is_free(choice) { BackendChoice::Epoll } else { choice }
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

/// Why io_uring cannot run here, with what to change; `None` when it can.
fn uring_refusal() -> Option<String> {
    let probed = uring::probe();
    if probed.features.is_some() {
        return None;
    }
    let missing = probed.findings.iter().find(|finding| finding.required && finding.result.is_err())?;
    let error = missing.result.err().unwrap_or(libc::ENOSYS);
    let why = match error {
        libc::EPERM => forbidden(),
        libc::ENOSYS if missing.feature == "io_uring_setup" => {
            "the kernel has no io_uring, or a sandbox hides it".to_owned()
        }
        error => {
            let error = io::Error::from_raw_os_error(error);
            format!("{error}{}", advice(&error))
        }
    };
    Some(format!("{} is missing ({why})", missing.feature))
}

/// Who forbids io_uring, as far as can be seen.
fn forbidden() -> String {
    let setting = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled").unwrap_or_default();
    match setting.trim() {
        "1" => "kernel.io_uring_disabled = 1 allows it to privileged users only; set it to 0".to_owned(),
        "2" => "kernel.io_uring_disabled = 2 forbids it; set it to 0".to_owned(),
        _ => "a seccomp filter or security module forbids it; allow io_uring_setup, io_uring_enter and \
              io_uring_register in the container's profile"
            .to_owned(),
    }
}
