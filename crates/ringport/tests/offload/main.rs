//! Receive offload: what the kernel hands over as one run of datagrams is handled as if each had come alone.
//!
//! ```text
//!   Source ──► one message, cut into n datagrams ──► the kernel leaves them together ──► n calls of the handler
//! ```
//!
//! Every design runs with it, also those that have it off unless asked, on every backend.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the other suites use the rest")]
mod common;

mod addresses;
mod answers;
mod bare;
#[cfg(target_os = "linux")]
mod device;
mod held;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod losses;
mod mixed;
mod panics;
mod places;
mod rig;
mod script;
mod sizes;
mod source;
#[path = "../server/ways.rs"]
#[expect(dead_code, reason = "the suite of the servers uses the rest")]
mod ways;

use common::backends;
