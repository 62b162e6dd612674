//! Sockets of this machine, over the loopback interface, in both families.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bind;
mod buffers;
mod control;
mod dont_fragment;
#[path = "../common/families.rs"]
mod families;
mod foreign;
mod loopback;
mod multicast;
mod offload;
mod stop;
#[path = "../common/until.rs"]
mod until;
