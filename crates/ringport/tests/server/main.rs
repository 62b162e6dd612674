//! Servers over real sockets: every design, on every backend it can run on.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bind;
mod child;
mod counters;
mod echo;
mod faults;
mod keep;
mod local_address;
mod multicast;
mod on_port;
#[path = "../common/ordinary_user.rs"]
mod ordinary_user;
mod sender;
mod shards;
mod signals;
mod stop;
mod ways;
