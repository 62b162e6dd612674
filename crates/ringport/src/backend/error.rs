//! Why a backend could not be opened.

use std::io;

use thiserror::Error;

use super::{BackendKind, UnknownBackend};
use crate::advice::advice;

/// A backend could not be opened.
///
/// [`BackendError::UringUnavailable`] comes only where io_uring was named, by the program or by the environment
/// variable `RINGPORT_BACKEND`: with the choice left open, epoll runs instead. It is the same with
/// [`BackendError::RioUnavailable`] and the overlapped functions of Windows.
///
/// ```
/// use ringport::backend::{BackendError, explain};
/// use ringport::{BackendChoice, BackendKind};
///
/// match explain(BackendChoice::Uring) {
///     Ok(explanation) => assert_eq!(explanation.kind, BackendKind::Uring),
///     Err(BackendError::UringUnavailable { reason }) => println!("no io_uring here: {reason}"),
///     Err(error) => println!("{error}"), // this is not Linux
/// }
/// assert!(explain(BackendChoice::Automatic).is_ok());
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
    /// Registered I/O was asked for by name, and this system has no functions for it.
    #[error(
        "Registered I/O was asked for and cannot run here: {reason}; leave the choice automatic to use overlapped"
    )]
    RioUnavailable {
        /// What stands in the way, and what to change.
        reason: String,
    },
    /// A backend of another system was asked for by name.
    #[error("the {kind} backend was asked for and runs on {system} only; leave the choice automatic")]
    OtherSystem {
        /// Which backend.
        kind: BackendKind,
        /// The system it is of.
        system: &'static str,
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
