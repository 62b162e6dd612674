//! Sockets of this machine, over the loopback interface, in both families.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bind;
mod buffers;
mod control;
mod dont_fragment;
#[path = "../common/families.rs"]
mod families;
#[cfg(target_os = "linux")]
mod foreign;
#[cfg(target_os = "linux")]
mod groups;
#[path = "../common/lonely.rs"]
mod lonely;
mod loopback;
mod multicast;
mod offload;
#[cfg(target_os = "linux")]
mod privileges;
mod stop;
#[path = "../common/system/mod.rs"]
mod system;
#[path = "../common/until.rs"]
mod until;
#[cfg(windows)]
mod windows;
