//! Ending what a request queue has outstanding.
//!
//! There is no call that cancels a request. Documented is that requests end as aborted when their socket is closed. The
//! socket may be somebody else's too, so the system is asked in two other ways first: `SIO_FLUSH` drops what a socket has
//! to send, and cancelling all calls of the socket is for providers that make such calls of requests. Nobody says that
//! either helps. So it is waited for a moment only, and what the system has then lingers until the socket is closed.

use std::ptr;
use std::time::Duration;

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

/// How long it is waited for what was asked to end. Where that was in vain once, the system is one that ends requests
/// with their socket only, and it is not waited again.
#[derive(Debug)]
pub(super) struct Patience(Duration);

impl Default for Patience {
    fn default() -> Patience {
        // A request that is ended at all ends within microseconds. The stand-in's threads have to get a processor first.
        Patience(Duration::from_millis(if cfg!(ringport_stand_in) { 3000 } else { 200 }))
    }
}

impl Patience {
    pub(super) fn time(&self) -> Duration {
        self.0
    }

    /// It was in vain.
    pub(super) fn spent(&mut self) {
        self.0 = Duration::ZERO;
    }
}
