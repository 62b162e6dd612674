//! Which backend runs here, and what stands in the way of the faster one.

use std::fs;

use ringport::backend::{self, FeatureReport};
use ringport::{BackendChoice, BackendKind};
use serde::Serialize;

use crate::sys::machine::setting;

/// The choice and what led to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Backend {
    /// The backend that a program gets that asks for nothing; None: it would get an error.
    pub(crate) chosen: Option<String>,
    pub(crate) why: String,
    /// The backend of a TCP server or client that asks for nothing.
    pub(crate) chosen_for_tcp: Option<String>,
    /// What RINGPORT_BACKEND asks for, if it is set.
    pub(crate) forced: Option<String>,
    pub(crate) io_uring: IoUring,
}

/// What was found out about io_uring.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct IoUring {
    pub(crate) allowed: bool,
    /// Why it is not.
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
    pub(crate) name: &'static str,
    /// The backend cannot do without it.
    pub(crate) required: bool,
    pub(crate) available: bool,
    /// What the kernel answered where it is not.
    pub(crate) error: Option<String>,
}

impl Backend {
    pub(crate) fn here() -> Backend {
        let (chosen, why) = match backend::explain(BackendChoice::Automatic) {
            Ok(explanation) => (Some(explanation.kind.to_string()), explanation.reason),
            Err(error) => (None, error.to_string()),
        };
        let refusal = backend::explain(BackendChoice::Uring).err().map(|error| match error {
            backend::BackendError::UringUnavailable { reason } => reason,
            other => other.to_string(),
        });
        let forced = std::env::var("RINGPORT_BACKEND").ok().filter(|word| !word.is_empty());
        let is_free =
            forced.as_deref().is_none_or(|word| matches!(word.parse(), Ok(BackendChoice::Automatic)));
        let chosen_for_tcp = if is_free { Some(BackendKind::Epoll.to_string()) } else { chosen.clone() };
        Backend {
            chosen,
            why,
            chosen_for_tcp,
            forced,
            io_uring: IoUring {
                allowed: refusal.is_none(),
                refusal,
                sysctl_disabled: setting("kernel/io_uring_disabled"),
                seccomp_filter: seccomp_filter(),
                features: backend::features().into_iter().map(Feature::from).collect(),
            },
        }
    }
}

impl From<FeatureReport> for Feature {
    fn from(report: FeatureReport) -> Self {
        Feature {
            name: report.feature,
            required: report.required,
            available: report.present,
            error: report.error,
        }
    }
}

fn seccomp_filter() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}
