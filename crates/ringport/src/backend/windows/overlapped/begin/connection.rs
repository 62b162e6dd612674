//! Connections are made, and accepted: by functions that the provider of a socket is asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::windows::io::AsRawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    SOCKADDR, SOCKET, WSAECONNABORTED, WSAEINVAL, WSAEOPNOTSUPP, bind,
};
use windows_sys::Win32::System::IO::OVERLAPPED;
use windows_sys::core::BOOL;

use super::{last_error, winsock};
use crate::backend::sys::{address, socket as sockets};
use crate::backend::windows::overlapped::place::{ACCEPT_ADDRESS, Detail, Guest, Place};
use crate::backend::windows::overlapped::socket::Socket;

/// Connects a socket (`ConnectEx`).
///
/// # Safety
/// As [`begin`](super::begin).
pub(super) unsafe fn connect(
    socket: &Socket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
    peer: &SocketAddr,
) -> Result<(), i32> {
    let Some(call) = socket.functions.connect else { return Err(WSAEOPNOTSUPP) };
    // A connection wants a bound socket, which `connect` would see to by itself.
    let (mut any, mut name) = ([0; address::LONGEST], [0; address::LONGEST]);
    let unspecified: IpAddr = match peer.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let any_length = address::encode(&(unspecified, 0).into(), &mut any);
    let length = address::encode(peer, &mut name);
    // SAFETY: the address is read during the call.
    let bound =
        winsock(unsafe { bind(socket.raw as SOCKET, any.as_ptr().cast::<SOCKADDR>(), any_length as i32) });
    if let Err(error) = bound
        && error != WSAEINVAL
    {
        return Err(error);
    }
    place.connects = true;
    let attempt = || {
        // SAFETY: the address is read during the call; the OVERLAPPED stays until the end.
        extension(unsafe {
            call(
                socket.raw as SOCKET,
                name.as_ptr().cast::<SOCKADDR>(),
                length as i32,
                ptr::null(),
                0,
                ptr::null_mut(),
                overlapped,
            )
        })
    };
    match attempt() {
        // Of an earlier attempt that failed; it is said once.
        Err(WSAECONNABORTED) => attempt(),
        result => result,
    }
}

/// Accepts a connection into a socket that is made for it (`AcceptEx`).
///
/// # Safety
/// As [`begin`](super::begin).
pub(super) unsafe fn accept(
    socket: &Socket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
) -> Result<(), i32> {
    let (Detail::Accept(guest), Some(call)) = (&mut place.detail, socket.functions.accept) else {
        return Err(WSAEOPNOTSUPP);
    };
    let Guest { socket: prepared, addresses } = &mut **guest;
    let made =
        sockets::tcp(socket.family).map_err(|error| error.raw_os_error().unwrap_or(WSAECONNABORTED))?;
    let connection = prepared.insert(made).as_raw_socket();
    let mut received = 0;
    // SAFETY: the room for the addresses and the OVERLAPPED stay until the end, as does the socket to accept into.
    extension(unsafe {
        call(
            socket.raw as SOCKET,
            connection as SOCKET,
            addresses.as_mut_ptr().cast(),
            0,
            ACCEPT_ADDRESS as u32,
            ACCEPT_ADDRESS as u32,
            &mut received,
            overlapped,
        )
    })
}

/// What a function that was asked for says.
fn extension(returned: BOOL) -> Result<(), i32> {
    if returned == 0 { Err(last_error()) } else { Ok(()) }
}
