//! Levels and types of the messages, and what their data looks like. Each system has its own.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(in crate::net) use linux::*;
#[cfg(windows)]
pub(in crate::net) use windows::*;

/// The protocol that a message belongs to, and its kind there.
pub(in crate::net) type Name = (i32, i32);
