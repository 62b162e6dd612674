//! Which backend runs here, and what stands in the way of the faster one.

use std::fs;

use ringport::BackendChoice;
use serde::Serialize;

use crate::figures::machine::setting;

/// The choice and what led to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Backend {
    /// The backend that a program gets that asks for nothing; None: it could not be told.
    pub(crate) chosen: Option<String>,
    pub(crate) why: String,
    /// What RINGPORT_BACKEND asks for, if it is set.
    pub(crate) forced: Option<String>,
    pub(crate) io_uring: IoUring,
}

/// What was found out about io_uring.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct IoUring {
    pub(crate) allowed: Option<bool>,
    /// Why it is not, in the kernel's terms.
    pub(crate) refusal: Option<String>,
    /// kernel.io_uring_disabled: 0 for everybody, 1 for a group, 2 for nobody; None: the kernel has no such switch.
    pub(crate) sysctl_disabled: Option<u64>,
    /// Is a seccomp filter in force on this process, as in most containers?
    pub(crate) seccomp_filter: bool,
    pub(crate) features: Vec<Feature>,
}

/// One capability of the kernel that was tried.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) available: bool,
    pub(crate) used_for: String,
}

impl Backend {
    pub(crate) fn here() -> Backend {
        let forced = std::env::var("RINGPORT_BACKEND").ok();
        let io_uring = IoUring {
            allowed: None,
            refusal: None,
            sysctl_disabled: setting("kernel/io_uring_disabled"),
            seccomp_filter: seccomp_filter(),
            features: Vec::new(),
        };
        let (chosen, why) = match forced.as_deref().map(str::parse::<BackendChoice>) {
            Some(Ok(choice)) => (Some(choice.to_string()), "RINGPORT_BACKEND asks for it".into()),
            Some(Err(error)) => (None, format!("RINGPORT_BACKEND: {error}")),
            None => (None, "not probed".into()),
        };
        Backend { chosen, why, forced, io_uring }
    }
}

fn seccomp_filter() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}
