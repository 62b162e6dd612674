//! The stand-in function table, by itself: that it behaves as the documentation of registered I/O says.
#![cfg(windows)]
// A helper of a test may fail like the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod completion_queues;
#[cfg(ringport_stand_in)]
mod notification;
mod requests;
mod rig;
mod table;
mod teardown;
#[cfg(ringport_stand_in)]
#[path = "../common/until.rs"]
mod until;
