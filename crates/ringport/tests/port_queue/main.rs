//! Completion queues on a port, the same on every backend: one subject a file, real sockets and threads.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the suite of the other queues uses the rest")]
mod common;

#[cfg(target_os = "linux")]
mod blocked;
mod completing;
mod draining;
mod dropping;
#[cfg(target_os = "linux")]
mod exhaustion;
mod fairness;
#[cfg(target_os = "linux")]
mod fault;
mod held;
mod limits;
mod metadata;
mod notifying;
#[path = "../common/packets.rs"]
mod packets;
mod posting;
mod resizing;
mod rig;
mod sending;
mod stress;
mod too_large;
mod waiting;

use common::backends;
