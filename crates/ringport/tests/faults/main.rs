//! Faults: what goes wrong on real machines, done on purpose, one fault a file, on each backend.
//!
//! ```text
//!   test ──► a process of its own ──► the fault ──► what must hold all the same ──► everything is returned
//! ```
//!
//! Descriptors, threads and locked memory are counted by process, so each fault has one to itself, and all end with
//! the same check, which is in `alone`.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod accepting;
mod alone;
#[cfg(target_os = "linux")]
mod bad_network;
#[cfg(target_os = "linux")]
mod bad_stream;
#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other suites use the rest")]
mod common;
#[cfg(target_os = "linux")]
mod descriptors;
mod dry_pool;
mod echo;
mod echo_server;
mod full_completion_queue;
mod full_submission_queue;
#[cfg(target_os = "linux")]
mod interrupted;
#[cfg(target_os = "linux")]
mod kernel_queue;
#[cfg(target_os = "linux")]
mod lock_limit;
#[cfg(target_os = "linux")]
mod narrow;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
#[path = "../common/ordinary_user.rs"]
mod ordinary_user;
#[cfg(target_os = "linux")]
mod path_mtu;
mod plain_peer;
mod resets;
#[cfg(target_os = "linux")]
mod sandbox;
mod slow_peers;
#[cfg(target_os = "linux")]
mod storm;
#[cfg(target_os = "linux")]
mod uncut;
#[cfg(target_os = "linux")]
mod vanished_peers;
#[cfg(target_os = "linux")]
#[path = "../server/ways.rs"]
mod ways;

use common::backends;
