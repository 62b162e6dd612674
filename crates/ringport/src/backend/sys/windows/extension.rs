//! Functions of a socket that are found at run time: the provider of its protocol has them, no library exports them.

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr::null_mut;
use std::sync::OnceLock;

use windows_sys::Win32::Networking::WinSock::{
    LPFN_WSARECVMSG, SIO_GET_EXTENSION_FUNCTION_POINTER, SOCKET, WSAEOPNOTSUPP, WSAID_WSARECVMSG, WSAIoctl,
};
use windows_sys::core::GUID;

use super::checked;

/// A function, as yet without its type.
type Function = unsafe extern "system" fn() -> isize;

/// The function that the provider of `socket` has under this id.
pub(crate) fn find(socket: BorrowedSocket<'_>, id: &GUID) -> io::Result<Function> {
    let mut found: Option<Function> = None;
    let mut written = 0;
    // SAFETY: `id` is valid for reading, `found` for writing a pointer and `written` a number; without an OVERLAPPED
    // the call is over when it returns.
    checked(unsafe {
        WSAIoctl(
            socket.as_raw_socket() as SOCKET,
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            std::ptr::from_ref(id).cast(),
            size_of::<GUID>() as u32,
            (&raw mut found).cast(),
            size_of_val(&found) as u32,
            &mut written,
            null_mut(),
            None,
        )
    })?;
    found.ok_or_else(|| io::Error::from_raw_os_error(WSAEOPNOTSUPP))
}

/// `WSARecvMsg`, of the provider that the first datagram socket had.
pub(crate) fn receive_message(socket: BorrowedSocket<'_>) -> io::Result<LPFN_WSARECVMSG> {
    static FOUND: OnceLock<Function> = OnceLock::new();
    let found = match FOUND.get() {
        Some(found) => *found,
        None => *FOUND.get_or_init({
            let new = find(socket, &WSAID_WSARECVMSG)?;
            move || new
        }),
    };
    // SAFETY: what the provider has under this id is a function of this type, whose pointers are all of one size.
    Ok(unsafe { std::mem::transmute::<Option<Function>, LPFN_WSARECVMSG>(Some(found)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::windows::io::AsSocket;

    #[test]
    fn what_a_provider_has_is_found_and_what_it_has_not_is_an_error() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let first = receive_message(socket.as_socket()).unwrap();
        assert!(first.is_some());
        assert!(find(socket.as_socket(), &GUID::from_u128(1)).is_err());
    }
}
