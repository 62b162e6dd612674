//! Operations on a port: files, UDP and TCP sockets, the same on every backend.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests of the queues use the rest")]
mod common;

mod association;
mod cancelling;
mod closing;
#[cfg(target_os = "linux")]
mod descriptors;
mod files;
mod races;
#[cfg(target_os = "linux")]
mod refused_files;
#[cfg(windows)]
mod reopened;
mod setup;
mod skipping;
mod tcp;
mod udp;

use common::backends;
