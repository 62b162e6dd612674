//! The stand-in function table, by itself: that it behaves as the documentation of registered I/O says.
#![cfg(windows)]

mod completion_queues;
mod requests;
mod rig;
mod table;
mod teardown;
