//! Completion queues on a port, the same on every backend: one subject a file, real sockets and threads.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the suite of the other queues uses all of it")]
mod common;

mod completing;
mod draining;
mod dropping;
mod fairness;
mod held;
mod limits;
mod notifying;
mod posting;
mod rig;
mod sending;
