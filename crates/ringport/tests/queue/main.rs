//! The behaviour of the queues, the same on every backend: one subject a file, real sockets.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the other suites use the rest")]
mod common;

mod blocked;
mod choice;
mod control;
mod deferred;
mod empty;
mod exhaustion;
mod fairness;
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
mod segments;
mod sends;
mod system_calls;
mod teardown;
mod too_large;
mod truncation;
mod unreachable;
mod waiting;

use common::backends;
