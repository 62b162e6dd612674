//! Which backend runs on Linux, and what stands in the way of the faster one.

use std::fs;

use ringport::backend;
use ringport::{BackendChoice, BackendKind};
use serde::Serialize;

use crate::doctor::choice::{Choice, Feature};
use crate::sys::machine::setting;

/// The choice and what led to it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Backend {
    #[serde(flatten)]
    pub(super) choice: Choice,
    pub(super) io_uring: IoUring,
}

/// What was found out about io_uring.
#[derive(Clone, Debug, Serialize)]
pub(super) struct IoUring {
    pub(super) allowed: bool,
    /// Why it is not.
    pub(super) refusal: Option<String>,
    /// kernel.io_uring_disabled: 0 for everybody, 1 for a group, 2 for nobody; None: the kernel has no such switch.
    pub(super) sysctl_disabled: Option<u64>,
    /// Is a seccomp filter in force on this process, as in most containers?
    pub(super) seccomp_filter: bool,
    pub(super) features: Vec<Feature>,
}

impl Backend {
    pub(super) fn here() -> Backend {
        let refusal = backend::explain(BackendChoice::Uring).err().map(|error| match error {
            backend::BackendError::UringUnavailable { reason } => reason,
            other => other.to_string(),
        });
        Backend {
            choice: Choice::here(Some(BackendKind::Epoll)),
            io_uring: IoUring {
                allowed: refusal.is_none(),
                refusal,
                sysctl_disabled: setting("kernel/io_uring_disabled"),
                seccomp_filter: seccomp_filter(),
                features: Feature::all(),
            },
        }
    }
}

fn seccomp_filter() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}
