//! A function table of registered I/O that is not Microsoft's: the same calls, written over overlapped calls, so that
//! the code that makes them can run where the system has none.
//!
//! It shows whether the callers keep their books, and nothing of how Windows behaves. What it does follows the
//! documentation of each call, errors included; where that is silent it takes the stricter way. Only tests see it.
//!
//! ```text
//!   RIOReceive --> request queue --> side [ r0 r1 r2 ]     at most one of them is a real call at a time
//!                      │                   │
//!                      │ watch             ▼ flight: WSARecv / WSARecvMsg with an event of its own
//!                      └───────────> collector: the thread pool waits for that event, and wakes
//!                                          │
//!                                          ▼
//!                  completion queue <── engine: the one thread that makes the calls and takes in how they ended
//!                        │
//!   RIODequeueCompletion ▼
//! ```
//!
//! One lock holds it all. The low bit of the event's handle keeps packets off a port that the socket may have.

mod buffers;
mod collector;
mod completion_queue;
mod engine;
mod flight;
pub(crate) mod manners;
mod posting;
mod request_queue;
mod side;
mod watch;
mod world;

use windows_sys::Win32::Networking::WinSock::{RIO_EXTENSION_FUNCTION_TABLE, WSASetLastError};

/// The table.
pub(crate) fn table() -> RIO_EXTENSION_FUNCTION_TABLE {
    RIO_EXTENSION_FUNCTION_TABLE {
        cbSize: size_of::<RIO_EXTENSION_FUNCTION_TABLE>() as u32,
        RIOReceive: Some(posting::post::<false>),
        RIOReceiveEx: Some(posting::post_with::<false>),
        RIOSend: Some(posting::post::<true>),
        RIOSendEx: Some(posting::post_with::<true>),
        RIOCloseCompletionQueue: Some(completion_queue::close),
        RIOCreateCompletionQueue: Some(completion_queue::create),
        RIOCreateRequestQueue: Some(request_queue::create),
        RIODequeueCompletion: Some(completion_queue::dequeue),
        RIODeregisterBuffer: Some(buffers::deregister),
        RIONotify: Some(completion_queue::notify),
        RIORegisterBuffer: Some(buffers::register),
        RIOResizeCompletionQueue: Some(completion_queue::resize),
        RIOResizeRequestQueue: Some(request_queue::resize),
    }
}

/// Leaves the error of a call that failed, and gives what the call returns then.
fn fail<T>(error: i32, returned: T) -> T {
    // SAFETY: the call sets a value of this thread.
    unsafe { WSASetLastError(error) };
    returned
}
