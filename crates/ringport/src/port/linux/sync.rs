//! Locks, flags and sleep as the scheduler uses them, under one name.
//!
//! `scheduler.rs`, `state.rs` and `seat.rs` name them only through this module. The model check in
//! `tests/loom_port.rs` compiles the same files a second time with loom's in this place.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
pub(super) use std::sync::{Arc, Mutex, MutexGuard};
pub(super) use std::thread::{Thread, current, park, park_timeout};

/// Whether a thread may look for something to do before it sleeps.
pub(super) const SPINS: bool = true;
