//! Linux: io_uring where it may run, epoll otherwise.

use std::io;

use super::{Explanation, Preferred};
use crate::advice::advice;
use crate::backend::contract::Contract;
use crate::backend::epoll::EpollBackend;
use crate::backend::uring::{self, Uring};
use crate::backend::{BackendChoice, BackendError, BackendKind};
use crate::notice;

/// What was tried, whether it is needed, and what came of it.
pub(super) fn findings() -> Vec<(&'static str, bool, Result<(), i32>)> {
    let probed = uring::probe();
    probed.findings.iter().map(|finding| (finding.feature, finding.required, finding.result)).collect()
}

/// Which backend `choice` leads to; `because` says why it is not the free choice, if it is not.
pub(super) fn explain(choice: BackendChoice, because: Option<String>) -> Result<Explanation, BackendError> {
    match (choice, uring_refusal()) {
        (BackendChoice::Epoll, _) => {
            Ok(Explanation { kind: BackendKind::Epoll, reason: because.unwrap_or_default() })
        }
        (BackendChoice::Rio, _) => {
            Err(BackendError::OtherSystem { kind: BackendKind::Rio, system: "Windows" })
        }
        (BackendChoice::Overlapped, _) => {
            Err(BackendError::OtherSystem { kind: BackendKind::Overlapped, system: "Windows" })
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

/// Opens the backend that was chosen; another, if that fails and the choice was free.
pub(super) fn open(
    chosen: Explanation,
    is_free: bool,
    size: usize,
) -> Result<Box<dyn Contract>, BackendError> {
    if chosen.kind == BackendKind::Uring {
        let opened = match uring::probe().features.as_ref() {
            Some(features) => Uring::open(size, features),
            None => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
        };
        match opened {
            Ok(backend) => return Ok(Box::new(backend)),
            // A sandbox may close its doors while the process runs.
            Err(source) if is_free => {
                notice::say(&format!("using epoll, io_uring failed to open: {source}{}", advice(&source)));
            }
            Err(source) => return Err(BackendError::System { kind: BackendKind::Uring, source }),
        }
    } else if is_free {
        notice::say(&format!("using epoll, {}", chosen.reason));
    }
    match EpollBackend::open() {
        Ok(backend) => Ok(Box::new(backend)),
        Err(source) => Err(BackendError::System { kind: BackendKind::Epoll, source }),
    }
}

/// Opens the backend for a completion queue that is only polled: the same.
pub(crate) use super::open as open_polled;

/// Slices of a pool that a completion queue may keep for all its connections together.
pub(crate) fn shared_slices(kind: BackendKind) -> usize {
    if kind == BackendKind::Uring { uring::SHARED_SLICES as usize } else { 0 }
}

/// The choice for streams: epoll unless somebody says otherwise, for it costs less where connections take turns.
pub(crate) fn for_streams(choice: BackendChoice) -> BackendChoice {
    if super::is_free(choice) { BackendChoice::Epoll } else { choice }
}

/// For plain sockets on a port: a receive of them is one call either way, and epoll makes it on the thread that wants it.
pub(crate) const PLAIN: Preferred = Preferred {
    choice: BackendChoice::Epoll,
    kind: BackendKind::Epoll,
    reason: "plain sockets on a port are cheapest over it",
    hint: "",
};

/// For those who cannot have the memory that the other needs.
pub(crate) const IN_NEED: Preferred = Preferred {
    choice: BackendChoice::Epoll,
    kind: BackendKind::Epoll,
    reason: "io_uring may not lock the memory it needs",
    hint: " (ulimit -l)",
};

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
