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

/// So many rounds of a test that looks for what happens once in thousands; a tenth of them under Wine, where each wake-up
/// goes through another process.
pub(crate) fn rounds(all: u64) -> u64 {
    if is_wine() { all / 10 } else { all }
}
