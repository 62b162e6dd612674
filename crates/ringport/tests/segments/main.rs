//! Datagrams that leave together: one send that is several datagrams, and sends that are joined for the kernel to cut.
//! Nobody can tell from outside, and each test runs on both backends, with both kinds of request queue.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other suites use the rest")]
mod common;

mod control;
mod cutting;
mod grouping;
#[path = "../common/packets.rs"]
#[expect(dead_code, reason = "the suite of queues on a port uses the rest")]
mod packets;
mod property;
#[cfg(target_os = "linux")]
mod refusals;
mod rig;

use common::backends;
