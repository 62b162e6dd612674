//! What the process asks of its system: an orderly end when it is told to, and room for enough connections.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{raise_descriptor_limit, watch};
#[cfg(windows)]
pub(crate) use windows::{raise_descriptor_limit, watch};
