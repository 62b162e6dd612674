//! What the tests of the programs share: children that are asked for their end as a user asks, and a run on each backend.
//!
//! ```text
//!   test  ── spawn(command) ────────────►  program      on Windows with a console of its own, without a window
//!         ── WAYS_TO_STOP[way](&child) ─►              a signal, or Ctrl-C at that console
//! ```
#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod backends;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::io::ErrorKind;
use std::process::Child;

pub use backends::{BACKENDS, backends, offered, on_backend};
#[cfg(target_os = "linux")]
pub use linux::{WAYS_TO_STOP, prepare, spawn};
#[cfg(windows)]
pub use windows::{WAYS_TO_STOP, prepare, spawn};

/// Whether an operation on a socket ended because its time was over: the systems have two words for that.
pub fn timed_out(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Does what Ctrl-C does.
pub fn interrupt(child: &Child) {
    WAYS_TO_STOP[0](child);
}
