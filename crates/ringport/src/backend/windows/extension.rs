//! The functions of Winsock that no library exports: a socket's provider gives them when it is asked.

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Networking::WinSock::{
    LPFN_ACCEPTEX, LPFN_CONNECTEX, LPFN_WSARECVMSG, SIO_GET_EXTENSION_FUNCTION_POINTER, SOCKET_ERROR,
    WSAID_ACCEPTEX, WSAID_CONNECTEX, WSAID_WSARECVMSG, WSAIoctl,
};
use windows_sys::core::GUID;

/// Asks the provider of `socket` for a function, the first time.
macro_rules! function {
    ($(#[$doc:meta])* $name:ident: $type:ident, $id:ident) => {
        $(#[$doc])*
        pub(in crate::backend) fn $name(socket: BorrowedSocket<'_>) -> io::Result<$type> {
            static FOUND: OnceLock<$type> = OnceLock::new();
            if let Some(found) = FOUND.get() {
                return Ok(*found);
            }
            let mut found: $type = None;
            // SAFETY: the place has room for one pointer to a function, which is what this identifier stands for.
            unsafe { ask(socket, &$id, (&raw mut found).cast(), size_of::<$type>()) }?;
            Ok(*FOUND.get_or_init(|| found))
        }
    };
}

function! {
    /// `AcceptEx`: takes a connection for a socket that is there already.
    accept_ex: LPFN_ACCEPTEX, WSAID_ACCEPTEX
}
function! {
    /// `ConnectEx`: connects a socket that is bound.
    connect_ex: LPFN_CONNECTEX, WSAID_CONNECTEX
}
function! {
    /// `WSARecvMsg`: receives a datagram with its address and control data.
    receive_message: LPFN_WSARECVMSG, WSAID_WSARECVMSG
}

/// # Safety
/// `place` has room for the `length` bytes of the function that `id` stands for.
unsafe fn ask(socket: BorrowedSocket<'_>, id: &GUID, place: *mut c_void, length: usize) -> io::Result<()> {
    let mut written = 0;
    // SAFETY: the identifier is read, and the caller says that there is room for the answer.
    let result = unsafe {
        WSAIoctl(
            socket.as_raw_socket() as usize,
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            ptr::from_ref(id).cast(),
            size_of::<GUID>() as u32,
            place,
            length as u32,
            &mut written,
            ptr::null_mut(),
            None,
        )
    };
    if result == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(()) }
}
