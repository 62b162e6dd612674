//! Windows, by the functions of its sockets and its kernel.

pub(crate) mod blocking;
pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod counter;
pub(crate) mod descriptor;
pub(crate) mod errno;
pub(crate) mod event;
pub(crate) mod extension;
pub(crate) mod family;
pub(crate) mod identity;
mod keyboard;
pub(crate) mod kind;
pub(crate) mod movable;
pub(crate) mod option;
pub(crate) mod poll;
pub(crate) mod socket;
pub(crate) mod thread;
pub mod tool;

use std::io;

use windows_sys::Win32::Networking::WinSock::WSAGetLastError;

/// The error of the last call on a socket.
fn socket_error() -> io::Error {
    // SAFETY: the call takes nothing.
    io::Error::from_raw_os_error(unsafe { WSAGetLastError() })
}

/// The error of the last call on a socket, unless that went well.
fn checked(returned: i32) -> io::Result<()> {
    if returned == 0 { Ok(()) } else { Err(socket_error()) }
}
