//! Operations on Windows: overlapped, and ended by packets of the port that their handle is associated with.
//!
//! ```text
//!   start ─► Node [ OVERLAPPED | request ]  pinned, one of its slot's, used again
//!               │ WSARecv, ReadFile ..
//!               ▼
//!            kernel ─► packet of the port ─► complete ─► done
//!               │                              │ a part of a file is through, or a connection was gone: again
//!               └──────────────────────────────┘
//! ```
//!
//! Nothing is tried first and nothing waits in a line of ours: the system has all operations of a handle at once, and
//! does those of one direction of a socket in their order. A handle's slot counts an operation as its own from its
//! start until its packet is taken, so the limit of the handle counts packets that nobody took yet, too.

mod attaching;
mod begin;
mod cancelling;
mod complete;
mod connection;
mod engine;
mod file;
mod handle;
mod judge;
mod node;
mod nodes;
mod run;
mod slot;
mod socket;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub(super) use complete::complete;
pub(crate) use engine::{Begun, Engine, Place, Refusal};
pub(crate) use handle::{Descriptor, Holding, Subject};
pub(super) use nodes::Nodes;

/// How long the system may take to end operations that it was asked to, before they are given up: their memory is kept for
/// good. One that was cancelled ends within microseconds, unless a driver is at fault.
pub(crate) const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });

/// How the system says that a handle has a port already.
pub(crate) const ASSOCIATED: i32 = windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER as i32;

/// What the calls here would end at once goes to this. Here none does: each operation ends by a packet of the system.
pub(crate) type Aborted<'a> = &'a mut dyn FnMut(super::super::plain::Done);
