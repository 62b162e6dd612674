//! Windows: Registered I/O where the system has it, overlapped operations otherwise.

use std::sync::Arc;

use super::{Explanation, Preferred};
use crate::backend::contract::Contract;
use crate::backend::windows::landing::Landing;
use crate::backend::windows::{self, Told};
use crate::backend::{BackendChoice, BackendError, BackendKind};

/// What was tried, whether it is needed, and what came of it.
pub(super) fn findings() -> Vec<(&'static str, bool, Result<(), i32>)> {
    windows::findings()
}

/// Which backend `choice` leads to; `because` says why it is not the free choice, if it is not.
pub(super) fn explain(choice: BackendChoice, because: Option<String>) -> Result<Explanation, BackendError> {
    match (choice, windows::rio_refusal()) {
        (BackendChoice::Overlapped, _) => {
            Ok(Explanation { kind: BackendKind::Overlapped, reason: because.unwrap_or_default() })
        }
        (BackendChoice::Uring, _) => {
            Err(BackendError::OtherSystem { kind: BackendKind::Uring, system: "Linux" })
        }
        (BackendChoice::Epoll, _) => {
            Err(BackendError::OtherSystem { kind: BackendKind::Epoll, system: "Linux" })
        }
        (BackendChoice::Rio, Some(reason)) => Err(BackendError::RioUnavailable { reason }),
        (BackendChoice::Automatic, Some(reason)) => Ok(Explanation {
            kind: BackendKind::Overlapped,
            reason: format!("Registered I/O cannot run here: {reason}"),
        }),
        (_, None) => {
            let reason =
                because.unwrap_or_else(|| "this system has the functions of Registered I/O".to_owned());
            Ok(Explanation { kind: BackendKind::Rio, reason })
        }
    }
}

/// Opens the backend that was chosen.
pub(super) fn open(
    chosen: Explanation,
    _is_free: bool,
    size: usize,
) -> Result<Box<dyn Contract>, BackendError> {
    let kind = chosen.kind;
    open_told(kind, size, Told::Sleeper)
}

fn open_told(kind: BackendKind, size: usize, told: Told) -> Result<Box<dyn Contract>, BackendError> {
    windows::open(kind, size, told).map_err(|source| BackendError::System { kind, source })
}

/// Opens the backend for a completion queue that is only polled.
pub(crate) fn open_polled(choice: BackendChoice, size: usize) -> Result<Box<dyn Contract>, BackendError> {
    open_told(super::explain(choice)?.kind, size, Told::Nobody)
}

/// Opens the backend for a completion queue whose packets come to a port of the program's.
pub(crate) fn open_on(
    choice: BackendChoice,
    size: usize,
    landing: Arc<Landing>,
) -> Result<Box<dyn Contract>, BackendError> {
    open_told(super::explain(choice)?.kind, size, Told::Port(landing))
}

/// Slices of a pool that a completion queue may keep for all its connections together.
pub(crate) fn shared_slices(_kind: BackendKind) -> usize {
    0
}

/// The choice for streams: the same as for datagrams.
pub(crate) fn for_streams(choice: BackendChoice) -> BackendChoice {
    choice
}

/// For plain sockets on a port: their operations are overlapped ones, with or without Registered I/O.
pub(crate) const PLAIN: Preferred = Preferred {
    choice: BackendChoice::Overlapped,
    kind: BackendKind::Overlapped,
    reason: "plain operations of a port are overlapped ones",
    hint: "",
};

/// For those who cannot have the memory that the other needs.
pub(crate) const IN_NEED: Preferred = Preferred {
    choice: BackendChoice::Overlapped,
    kind: BackendKind::Overlapped,
    reason: "Registered I/O may not lock the memory it needs",
    hint: "",
};
