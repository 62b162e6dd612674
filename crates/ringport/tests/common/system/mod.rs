//! What tests ask of the system itself, in one file for each system, with the same items.

#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(windows)]
pub(crate) use windows::*;
