//! Connections and listeners on completion ports, the same on every backend: one subject a file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each test target uses a part of it")]
mod common;
#[path = "../common/connection.rs"]
mod connection;
#[path = "../common/packets.rs"]
mod packets;
mod rig;

mod accepting;
mod cancelling;
mod connecting;
mod dropping;
mod ends;
mod in_order;
mod many;
mod receiving;
mod sending;

use common::backends;
