//! The server as its clients see it: a process of its own, real sockets, each backend.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

mod connections;
mod files;
mod limits;
mod refusals;
mod rig;
mod stopping;
mod system;
