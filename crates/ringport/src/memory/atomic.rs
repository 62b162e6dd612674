//! The atomics the free list is built from, under one name.
//!
//! `free_list.rs` names its atomics only through this module. The model check in `tests/loom_free_list.rs`
//! compiles that same file a second time with loom's atomics in this place, so what is checked is the shipped
//! source and the library itself never depends on loom.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
