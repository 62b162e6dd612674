//! TCP clients against peers that behave and peers that do not, on each backend.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each test target uses a part of it")]
mod common;
mod rig;

mod connecting;
mod ends;
mod requests;
mod times;

use common::backends;
