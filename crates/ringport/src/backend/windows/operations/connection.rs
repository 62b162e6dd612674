//! How connections come about: `AcceptEx` and `ConnectEx`.

use std::io;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawHandle};
use std::ptr;

use socket2::{Protocol, SockRef, Socket, Type};
use windows_sys::Win32::Networking::WinSock::{
    SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_CONNECT_CONTEXT, SOCKET, SOL_SOCKET, WSAEDESTADDRREQ, WSAEINVAL,
    setsockopt,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::extension;
use super::begin::Issued;
use super::file::said;
use super::node::{ACCEPTED_LEN, Flight};
use super::socket::{borrow, encode, failed};
use crate::backend::sys::errno;

/// # Safety
/// As of [`issue`](super::begin::issue).
pub(super) unsafe fn accept(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    // SAFETY: the caller says that it is open.
    let listener = unsafe { borrow(handle) };
    let made = SockRef::from(&listener)
        .local_addr()
        .and_then(|address| Socket::new(address.domain(), Type::STREAM, Some(Protocol::TCP)));
    let accepted = match made {
        Ok(socket) => flight.accepted.insert(socket.into()),
        Err(error) => return failed(&error),
    };
    let call = match extension::accept_ex(listener) {
        Ok(Some(call)) => call,
        Ok(None) => return Issued::Failed(errno::EOPNOTSUPP),
        Err(error) => return failed(&error),
    };
    let (addresses, length) = (flight.addresses.as_mut_ptr().cast(), ACCEPTED_LEN as u32);
    let (accepted, mut received) = (accepted.as_raw_socket() as SOCKET, 0);
    // SAFETY: both sockets are open, and there is room for two addresses of this length. No data is waited for.
    let success =
        unsafe { call(handle as SOCKET, accepted, addresses, 0, length, length, &mut received, overlapped) };
    said(success != 0)
}

/// # Safety
/// As of [`issue`](super::begin::issue).
pub(super) unsafe fn connect(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    let Some(peer) = flight.request.as_ref().and_then(|request| request.peer) else {
        return Issued::Failed(WSAEDESTADDRREQ);
    };
    // SAFETY: the caller says that it is open.
    let socket = unsafe { borrow(handle) };
    if let Err(error) = bind(socket, &peer) {
        return failed(&error);
    }
    let call = match extension::connect_ex(socket) {
        Ok(Some(call)) => call,
        Ok(None) => return Issued::Failed(errno::EOPNOTSUPP),
        Err(error) => return failed(&error),
    };
    let name_len = encode(&peer, flight);
    let name = flight.name.as_ptr().cast();
    // SAFETY: as the caller says; no data goes with it.
    let success =
        unsafe { call(handle as SOCKET, name, name_len, ptr::null(), 0, ptr::null_mut(), overlapped) };
    said(success != 0)
}

/// `ConnectEx` wants a socket that is bound.
fn bind(socket: BorrowedSocket<'_>, peer: &SocketAddr) -> io::Result<()> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    match SockRef::from(&socket).bind(&any.into()) {
        // It is bound already.
        Err(error) if error.raw_os_error() == Some(WSAEINVAL) => Ok(()),
        result => result,
    }
}

/// Makes the socket of a connection that was taken one like any other: with addresses, and with a way to end it.
pub(super) fn inherit(accepted: &impl AsSocket, listener: RawHandle) -> io::Result<()> {
    let listener = listener as SOCKET;
    let value = ptr::from_ref(&listener).cast::<u8>();
    // SAFETY: the option is read as the number of a socket, which it is.
    let result = unsafe {
        setsockopt(
            accepted.as_socket().as_raw_socket() as SOCKET,
            SOL_SOCKET,
            SO_UPDATE_ACCEPT_CONTEXT,
            value,
            size_of::<SOCKET>() as i32,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The same for a socket that was connected.
///
/// # Safety
/// The handle is open.
pub(super) unsafe fn note_connected(handle: RawHandle) -> io::Result<()> {
    // SAFETY: the option has no value.
    let result =
        unsafe { setsockopt(handle as SOCKET, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, ptr::null(), 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
