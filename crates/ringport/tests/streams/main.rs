//! Connections and listeners on request queues: what each request does, on each backend.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod common;
mod rig;

mod accepting;
mod cancelling;
mod connecting;
#[path = "../common/connection.rs"]
mod connection;
mod ends;
#[cfg(target_os = "linux")]
mod foreign;
#[cfg(target_os = "linux")]
mod keep_alive;
mod options;
mod pooled;
mod receiving;
mod sending;
mod shared_slices;
#[cfg(target_os = "linux")]
mod unix;
mod wait_all;

use common::backends;
