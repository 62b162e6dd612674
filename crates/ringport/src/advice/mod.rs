//! What to change when the system refuses: the limits behind its errors, as the ends of their texts.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{advice, advice_on_threads};
#[cfg(windows)]
pub(crate) use windows::{advice, advice_on_threads};
