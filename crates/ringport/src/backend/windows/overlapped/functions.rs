//! Functions of Winsock that are asked for at run time, each socket's provider for its own.

use std::io;
use std::os::windows::io::RawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    LPFN_ACCEPTEX, LPFN_CONNECTEX, LPFN_WSARECVMSG, SIO_GET_EXTENSION_FUNCTION_POINTER, SOCKET,
    WSAGetLastError, WSAID_ACCEPTEX, WSAID_CONNECTEX, WSAID_WSARECVMSG, WSAIoctl,
};
use windows_sys::core::GUID;

/// What one kind of sockets needs; the others stay empty.
#[derive(Clone, Copy, Default)]
pub(super) struct Functions {
    pub(super) receive_message: LPFN_WSARECVMSG,
    pub(super) connect: LPFN_CONNECTEX,
    pub(super) accept: LPFN_ACCEPTEX,
}

impl std::fmt::Debug for Functions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Functions").finish_non_exhaustive()
    }
}

impl Functions {
    /// Asks for what receives datagrams with their addresses.
    pub(super) fn of_datagrams(socket: RawSocket, calls: &mut u64) -> io::Result<Functions> {
        // SAFETY: the function with this name has this type.
        Ok(Functions {
            receive_message: unsafe { ask(socket, &WSAID_WSARECVMSG, calls)? },
            ..Functions::default()
        })
    }

    /// Asks for what connects.
    pub(super) fn of_streams(socket: RawSocket, calls: &mut u64) -> io::Result<Functions> {
        // SAFETY: as above.
        Ok(Functions { connect: unsafe { ask(socket, &WSAID_CONNECTEX, calls)? }, ..Functions::default() })
    }

    /// Asks for what accepts.
    pub(super) fn of_listeners(socket: RawSocket, calls: &mut u64) -> io::Result<Functions> {
        // SAFETY: as above.
        Ok(Functions { accept: unsafe { ask(socket, &WSAID_ACCEPTEX, calls)? }, ..Functions::default() })
    }
}

/// Asks the provider of `socket` for the function with this name.
///
/// # Safety
/// `F` is the type of a pointer to that function, or of none.
unsafe fn ask<F: Default>(socket: RawSocket, name: &GUID, calls: &mut u64) -> io::Result<F> {
    const { assert!(size_of::<F>() == size_of::<*const ()>(), "a pointer to a function") };
    let mut function = F::default();
    let mut written = 0;
    *calls += 1;
    // SAFETY: the name is valid for reading and `function` for writing as many bytes as stated, which are those of a
    // pointer; without an OVERLAPPED the call ends before it returns. What it writes is such a pointer, by the caller's
    // word.
    let result = unsafe {
        WSAIoctl(
            socket as SOCKET,
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            ptr::from_ref(name).cast(),
            size_of::<GUID>() as u32,
            (&raw mut function).cast(),
            size_of::<F>() as u32,
            &mut written,
            ptr::null_mut(),
            None,
        )
    };
    if result == 0 && written as usize == size_of::<F>() {
        return Ok(function);
    }
    // SAFETY: the call takes nothing.
    Err(io::Error::from_raw_os_error(unsafe { WSAGetLastError() }))
}
