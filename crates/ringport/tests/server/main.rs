//! Servers over real sockets: every design, on every backend it can run on.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod echo;
mod ways;
