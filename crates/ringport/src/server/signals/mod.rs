//! Stopping on signals, and on what the console of Windows tells of instead.
//!
//! Each system has a file, with a `Watch` that lasts as long as the server does.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(super) use linux::Watch;
#[cfg(windows)]
pub(super) use windows::Watch;

use super::stop::StopReason;

/// What a signal stops.
pub(super) trait Stoppable: Send + Sync + 'static {
    /// Whether it is stopping already.
    fn is_stopping(&self) -> bool;

    /// Begins the orderly stop.
    fn stop(&self, reason: StopReason);
}
