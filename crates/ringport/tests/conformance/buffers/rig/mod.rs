//! The handles of this section: pools with all their settings, families, and what is done with buffers.
//!
//! ```text
//!   Plan ──► Memory ─┬─► BufferPool         share, keep, give_back, join, split: what a program does with a buffer,
//!                    └─► Reserve            as functions, so that each has a place to break its rule
//!            Family ───► PoolFamily
//!            Door ─────► TcpServer
//! ```

pub(super) mod allocations;
mod buffers;
#[cfg(target_os = "linux")]
mod capability;
mod chains;
mod echo;
mod family;
mod memory;
mod plan;
mod reserve;

pub(super) use buffers::{drop_elsewhere, give_back, keep, received, share};
#[cfg(target_os = "linux")]
pub(super) use capability::{lock_limit, without_lock_privilege};
pub(super) use chains::{advance, join, split};
pub(super) use echo::Echo;
pub(super) use family::Family;
pub(super) use memory::Memory;
pub(super) use plan::Plan;
pub(super) use reserve::{Door, Reserve};
