//! The limits that a server meets: of this process, and of this machine's sockets.

use std::fs;

use nix::sys::resource::{Resource, getrlimit};
use serde::Serialize;

use crate::sys::machine::setting;

/// Bits of the effective capabilities.
const CAP_NET_ADMIN: u64 = 1 << 12;
const CAP_IPC_LOCK: u64 = 1 << 14;

/// The limits found; None stands for unlimited in a [`Limit`] and for unknown elsewhere.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Limits {
    /// Bytes of memory that may be locked (RLIMIT_MEMLOCK).
    pub(super) locked_memory: Limit,
    /// Locks memory beyond the limit: CAP_IPC_LOCK.
    pub(super) may_lock_beyond: bool,
    /// Open descriptors (RLIMIT_NOFILE).
    pub(super) open_files: Limit,
    /// Asks for socket buffers beyond the limit: CAP_NET_ADMIN.
    pub(super) may_buffer_beyond: bool,
    pub(super) rmem_max: Option<u64>,
    pub(super) rmem_default: Option<u64>,
    pub(super) wmem_max: Option<u64>,
    pub(super) wmem_default: Option<u64>,
}

/// A limit of this process.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Limit {
    /// What holds now.
    pub(super) soft: Option<u64>,
    /// How far the process may raise it by itself.
    pub(super) hard: Option<u64>,
}

impl Limits {
    pub(super) fn here() -> Limits {
        let capabilities = capabilities();
        Limits {
            locked_memory: limit(Resource::RLIMIT_MEMLOCK),
            may_lock_beyond: capabilities & CAP_IPC_LOCK != 0,
            open_files: limit(Resource::RLIMIT_NOFILE),
            may_buffer_beyond: capabilities & CAP_NET_ADMIN != 0,
            rmem_max: setting("net/core/rmem_max"),
            rmem_default: setting("net/core/rmem_default"),
            wmem_max: setting("net/core/wmem_max"),
            wmem_default: setting("net/core/wmem_default"),
        }
    }
}

fn limit(resource: Resource) -> Limit {
    let known = |value| (value != nix::sys::resource::RLIM_INFINITY).then_some(value);
    match getrlimit(resource) {
        Ok((soft, hard)) => Limit { soft: known(soft), hard: known(hard) },
        Err(_) => Limit { soft: Some(0), hard: Some(0) },
    }
}

/// The effective capabilities of this process; none if they cannot be read.
fn capabilities() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}
