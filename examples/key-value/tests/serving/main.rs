//! The server as its clients see it: a process of its own, real sockets, each backend.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

mod commands;
mod connections;
mod limits;
mod rig;
mod threads;
mod times;
