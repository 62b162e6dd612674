//! The function table of registered I/O, asked for at run time and checked once.
//!
//! No library exports these functions. A socket's provider gives them, as pointers, when it is asked by ioctl; a
//! system without registered I/O answers that ioctl with an error. That is the only way to tell: a socket with the
//! flag `WSA_FLAG_REGISTERED_IO` can be made where nothing stands behind it.

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    RIO_BUF, RIO_BUFFERID, RIO_CQ, RIO_EXTENSION_FUNCTION_TABLE, RIO_NOTIFICATION_COMPLETION, RIO_RQ,
    RIORESULT, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, SOCKET, WSAID_MULTIPLE_RIO, WSAIoctl,
};
use windows_sys::core::{BOOL, GUID, PCSTR};

use super::constants::last_error;

/// The data, how many, flags, and the context.
pub(super) type Post = unsafe extern "system" fn(RIO_RQ, *const RIO_BUF, u32, u32, *const c_void) -> BOOL;
/// The data, how many, local address, remote address, control, flags out; then the flags in, and the context.
pub(super) type PostMore = unsafe extern "system" fn(
    RIO_RQ,
    *const RIO_BUF,
    u32,
    *const RIO_BUF,
    *const RIO_BUF,
    *const RIO_BUF,
    *const RIO_BUF,
    u32,
    *const c_void,
) -> BOOL;
type CreateRequestQueue =
    unsafe extern "system" fn(SOCKET, u32, u32, u32, u32, RIO_CQ, RIO_CQ, *const c_void) -> RIO_RQ;

/// The functions of one provider, all of them there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Functions {
    pub(super) receive: Post,
    pub(super) receive_more: PostMore,
    pub(super) send: Post,
    pub(super) send_more: PostMore,
    pub(super) close_completion_queue: unsafe extern "system" fn(RIO_CQ),
    pub(super) create_completion_queue:
        unsafe extern "system" fn(u32, *const RIO_NOTIFICATION_COMPLETION) -> RIO_CQ,
    pub(super) create_request_queue: CreateRequestQueue,
    pub(super) dequeue: unsafe extern "system" fn(RIO_CQ, *mut RIORESULT, u32) -> u32,
    pub(super) deregister_buffer: unsafe extern "system" fn(RIO_BUFFERID),
    pub(super) notify: unsafe extern "system" fn(RIO_CQ) -> i32,
    pub(super) register_buffer: unsafe extern "system" fn(PCSTR, u32) -> RIO_BUFFERID,
    pub(super) resize_completion_queue: unsafe extern "system" fn(RIO_CQ, u32) -> BOOL,
    pub(super) resize_request_queue: unsafe extern "system" fn(RIO_RQ, u32, u32) -> BOOL,
}

impl Functions {
    /// Takes the functions out of a table; `None` when it is shorter than the one known here, or has a gap.
    pub(super) fn check(table: &RIO_EXTENSION_FUNCTION_TABLE) -> Option<Functions> {
        if (table.cbSize as usize) < size_of::<RIO_EXTENSION_FUNCTION_TABLE>() {
            return None;
        }
        Some(Functions {
            receive: table.RIOReceive?,
            receive_more: table.RIOReceiveEx?,
            send: table.RIOSend?,
            send_more: table.RIOSendEx?,
            close_completion_queue: table.RIOCloseCompletionQueue?,
            create_completion_queue: table.RIOCreateCompletionQueue?,
            create_request_queue: table.RIOCreateRequestQueue?,
            dequeue: table.RIODequeueCompletion?,
            deregister_buffer: table.RIODeregisterBuffer?,
            notify: table.RIONotify?,
            register_buffer: table.RIORegisterBuffer?,
            resize_completion_queue: table.RIOResizeCompletionQueue?,
            resize_request_queue: table.RIOResizeRequestQueue?,
        })
    }

    /// Asks the provider of `socket` for them.
    pub(super) fn load(socket: BorrowedSocket<'_>) -> io::Result<Functions> {
        const SIZE: u32 = size_of::<RIO_EXTENSION_FUNCTION_TABLE>() as u32;
        let name: GUID = WSAID_MULTIPLE_RIO;
        let mut table = RIO_EXTENSION_FUNCTION_TABLE { cbSize: SIZE, ..Default::default() };
        let mut written = 0;
        // SAFETY: both buffers are locals of the sizes given, a GUID in and a table out; without an OVERLAPPED
        // structure the call is done with them when it returns.
        let result = unsafe {
            WSAIoctl(
                socket.as_raw_socket() as SOCKET,
                SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER,
                ptr::from_ref(&name).cast(),
                size_of::<GUID>() as u32,
                ptr::from_mut(&mut table).cast(),
                SIZE,
                &mut written,
                ptr::null_mut(),
                None,
            )
        };
        if result != 0 {
            return Err(last_error());
        }
        // What was not written cannot be trusted, whatever the table says of itself.
        let whole = Some(&table).filter(|_| written >= SIZE).and_then(Functions::check);
        whole
            .ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "its table of functions is incomplete"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_incomplete_table_is_refused() {
        let size = size_of::<RIO_EXTENSION_FUNCTION_TABLE>();
        assert_eq!(size, 8 + 13 * size_of::<usize>());
        assert!(Functions::check(&RIO_EXTENSION_FUNCTION_TABLE::default()).is_none());
        let table = RIO_EXTENSION_FUNCTION_TABLE { cbSize: size as u32, ..Default::default() };
        assert!(Functions::check(&table).is_none());
    }
}
