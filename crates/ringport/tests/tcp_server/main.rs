//! TCP servers: every design that serves streams, on each backend.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each test target uses a part of it")]
mod common;
#[path = "../common/designs.rs"]
mod designs;
mod rig;

mod echo;
mod limits;
mod stop;
mod times;

use common::backends;
