//! Thin safe wrappers over the system calls that the crate needs beside its rings.
//!
//! Each wrapper does one call, turns a failure into an [`std::io::Error`] and adds no policy: what an error
//! means, and what a user should change, is for the caller to say.
//!
//! Each system has a folder, with items of the same names. What is the same everywhere is in this one.

pub(crate) mod address;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(test)]
mod tests;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(windows)]
pub use windows::tool;
#[cfg(windows)]
pub(crate) use windows::*;
