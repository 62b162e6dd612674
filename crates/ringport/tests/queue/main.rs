//! The behaviour of the queues, the same on every backend: one subject a file, real sockets.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "the other suites use the rest, where there is some")]
mod common;

#[cfg(target_os = "linux")]
mod blocked;
mod choice;
mod control;
mod deferred;
mod empty;
mod exhaustion;
mod fairness;
#[cfg(target_os = "linux")]
mod forbidden;
mod foreign;
mod limits;
mod lockstep;
mod many;
mod metadata;
mod model;
mod notification;
mod poll_loop;
mod receive;
mod resize;
mod scatter;
#[cfg(target_os = "linux")]
mod segments;
mod sends;
#[cfg(target_os = "linux")]
mod system_calls;
mod teardown;
mod too_large;
mod truncation;
mod unreachable;
mod waiting;

use common::backends;
