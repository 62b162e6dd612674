//! What stands below the queues: the mechanisms of the operating system that carry the datagrams.
//!
//! Nothing above this room names io_uring, epoll or the functions of Windows. A program only ever meets two words of
//! it: the [`BackendChoice`] it asks for and the [`BackendKind`] it got.

mod bytes;
mod choice;
pub(crate) mod contract;
#[cfg(target_os = "linux")]
pub(crate) mod datagram;
#[cfg(target_os = "linux")]
mod epoll;
mod error;
mod grouping;
mod open;
pub(crate) mod plain;
mod run;
#[cfg(target_os = "linux")]
pub(crate) mod stream;
pub(crate) mod sys;
#[cfg(target_os = "linux")]
mod transfer;
mod turns;
#[cfg(target_os = "linux")]
mod uring;
#[cfg(windows)]
mod windows;

/// What a thread that posts can send by itself.
#[cfg(windows)]
pub(crate) mod stream {
    pub(crate) use super::windows::direct::{flush, send_slice};
}

#[cfg(target_os = "linux")]
pub(crate) use datagram::{Flushed, SendBatch, is_unreachable};
pub use error::BackendError;
pub(crate) use grouping::Grouping;
#[cfg(windows)]
pub(crate) use open::open_on;
pub use open::{Explanation, FeatureReport, explain, features};
pub(crate) use open::{IN_NEED, PLAIN, for_streams, is_free, open, open_polled, shared_slices};
pub(crate) use sys::address::decode as decode_address;
#[cfg(windows)]
pub(crate) use sys::clock::process_time;
pub(crate) use sys::clock::{now, thread_time};
pub(crate) use sys::event::EventDescriptor;
pub(crate) use turns::Turns;
#[cfg(windows)]
pub(crate) use windows::direct::{Flushed, SendBatch, is_unreachable};
#[cfg(windows)]
pub(crate) use windows::landing::{Arrival, Landing};
#[cfg(windows)]
pub(crate) use windows::operations::{ASSOCIATED, PATIENCE};
#[cfg(windows)]
pub(crate) use windows::packets::{PacketPort, Room as PacketRoom, Taken};

pub use choice::{BackendChoice, BackendKind, UnknownBackend};

/// What the tool of this project and its tests ask of Windows. It is no part of the interface, and changes as the tool does.
#[cfg(windows)]
#[doc(hidden)]
pub use sys::tool;

/// Has Registered I/O served by functions of the caller's, for this library's own tests; false when they are not all
/// there, or others were given before.
///
/// # Safety
/// They behave as those of Windows are documented to, for the rest of the process.
#[cfg(all(windows, ringport_stand_in))]
#[doc(hidden)]
pub unsafe fn install_stand_in(
    table: &windows_sys::Win32::Networking::WinSock::RIO_EXTENSION_FUNCTION_TABLE,
) -> bool {
    // SAFETY: the caller's word.
    unsafe { windows::rio::install(table) }
}
