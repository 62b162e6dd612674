//! Hundreds and thousands of sockets on one queue, and on several: none is lost, none waits for the others.
//!
//! ```text
//!   clients (plain sockets) ──► 1,000 sockets ──► queue, drained by its own thread, or by a thread of its port
//! ```

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../faults/alone.rs"]
#[expect(unused_macro_rules, reason = "the suite of the faults uses the rest")]
mod alone;
mod closing;
mod committing;
#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other suites use the rest")]
mod common;
mod echoing;
mod fairness;
#[cfg(target_os = "linux")]
mod limits;
mod moving;
#[cfg(target_os = "linux")]
#[path = "../common/ordinary_user.rs"]
mod ordinary_user;
mod rig;
mod spread;

use common::backends;
