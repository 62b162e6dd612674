//! Ending what a request queue has outstanding.
//!
//! There is no call that cancels a request. Documented is that requests end as aborted when their socket is closed, and
//! when `SIO_FLUSH` is asked of it; the socket may be somebody else's too, so it is flushed. Cancelling all calls of the
//! socket is for providers that make such calls of requests.

use std::ptr;

use windows_sys::Win32::Networking::WinSock::{SIO_FLUSH, SOCKET, WSAIoctl};
use windows_sys::Win32::System::IO::CancelIoEx;

use crate::backend::sys::descriptor::RawFd;

/// Asks the system to end all that `socket` has outstanding; returns the calls it took.
pub(super) fn cancel(socket: RawFd) -> u64 {
    let mut written = 0;
    // SAFETY: the command takes nothing and gives nothing, and without an OVERLAPPED it ends before the call returns.
    // What comes of either call is seen by the requests that end, or do not.
    unsafe {
        WSAIoctl(
            socket as SOCKET,
            SIO_FLUSH,
            ptr::null(),
            0,
            ptr::null_mut(),
            0,
            &mut written,
            ptr::null_mut(),
            None,
        );
        CancelIoEx(socket as _, ptr::null());
    }
    2
}
