//! Sockets, opened so that every backend can serve them.

use std::io;
use std::os::windows::io::{FromRawSocket, OwnedSocket};
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Networking::WinSock::{
    ADDRESS_FAMILY, INVALID_SOCKET, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM,
    WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSA_FLAG_REGISTERED_IO, WSADATA, WSASocketW, WSAStartup,
};

use super::socket_error;

/// Opens a socket of UDP, which is bound to nothing.
pub(crate) fn udp(family: ADDRESS_FAMILY) -> io::Result<OwnedSocket> {
    open(family, SOCK_DGRAM, IPPROTO_UDP)
}

/// Opens a socket of TCP, which is connected to nothing: also for `AcceptEx` to accept into.
pub(crate) fn tcp(family: ADDRESS_FAMILY) -> io::Result<OwnedSocket> {
    open(family, SOCK_STREAM, IPPROTO_TCP)
}

/// For overlapped operations and for Registered I/O, which both have to be said when a socket is made; programs that
/// this one starts do not have it. A system without Registered I/O takes the flag too.
fn open(family: ADDRESS_FAMILY, kind: i32, protocol: i32) -> io::Result<OwnedSocket> {
    start()?;
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_REGISTERED_IO | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: without a description of a protocol the call takes no pointer.
    let socket = unsafe { WSASocketW(i32::from(family), kind, protocol, ptr::null(), 0, flags) };
    if socket == INVALID_SOCKET {
        return Err(socket_error());
    }
    // SAFETY: the socket is new and nobody else owns it.
    Ok(unsafe { OwnedSocket::from_raw_socket(socket as _) })
}

/// Windows wants to be told that a program has sockets. It is never told that it has none any more.
fn start() -> io::Result<()> {
    static STARTED: OnceLock<i32> = OnceLock::new();
    let started = *STARTED.get_or_init(|| {
        let mut about = WSADATA::default();
        // SAFETY: `about` is valid for writing.
        unsafe { WSAStartup(0x0202, &mut about) }
    });
    if started == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(started)) }
}
