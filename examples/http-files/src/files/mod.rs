//! The served directory: what a path below it opens.
//!
//! Each system has a file, for each has its own way to look after the borders: nothing outside of the directory is ever
//! opened, whatever a path says and whoever exchanges a directory for a link meanwhile.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::fs::File;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Files, has_no_borders};
#[cfg(windows)]
pub(crate) use windows::{Files, has_no_borders};

use crate::http::selection::Facts;

/// What a path led to.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A file that can be sent.
    File(File, Facts),
    /// A directory: its name wants a slash behind it, for the links in its index to work.
    Directory,
}
