//! Sockets: the overlapped calls of Winsock.

use std::io;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawHandle, RawSocket};
use std::ptr;

use socket2::{Protocol, SockRef, Socket, Type};
use windows_sys::Win32::Networking::WinSock::{
    SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_CONNECT_CONTEXT, SOCKET, SOL_SOCKET, WSABUF, WSAEDESTADDRREQ,
    WSAEINVAL, WSAMSG, WSARecv, WSARecvFrom, WSASend, WSASendTo, setsockopt,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::extension;
use super::super::packets::LONGEST;
use super::begin::Issued;
use super::file::{PIECE, said};
use super::node::{ACCEPTED_LEN, Flight};
use crate::backend::plain::{Extent, OperationBuffer};
use crate::backend::sys::{address, errno};
use crate::memory::{CONTROL_OFFSET, HasHeader, NAME_LEN, NAME_OFFSET};

/// # Safety
/// The handle is that of a socket, which is open for as long as this is used.
pub(super) unsafe fn borrow<'socket>(handle: RawHandle) -> BorrowedSocket<'socket> {
    // SAFETY: the caller says so.
    unsafe { BorrowedSocket::borrow_raw(handle as RawSocket) }
}

/// The headroom of a slice, and its length.
pub(super) fn header(buffer: &OperationBuffer) -> Option<(*mut u8, usize)> {
    match buffer {
        OperationBuffer::Unique(buffer) => {
            buffer.header_ptr().map(|(header, length)| (header, length as usize))
        }
        _ => None,
    }
}

/// A slice keeps the address where the queues keep it, anything else has it beside it.
///
/// # Safety
/// As of [`issue`](super::begin::issue), for all calls here.
pub(super) unsafe fn receive(
    handle: RawHandle,
    flight: &mut Flight,
    overlapped: *mut OVERLAPPED,
    extent: Extent,
) -> Issued {
    let Some(request) = flight.request.as_mut() else { return Issued::Failed(errno::EINVAL) };
    let (start, room) = request.buffer.room();
    let header = header(&request.buffer);
    flight.buffer = WSABUF { len: room.min(PIECE) as u32, buf: start };
    flight.flags = 0;
    flight.name_len = NAME_LEN as i32;
    let name = header.map_or(flight.name.as_mut_ptr(), |(header, _)| header.wrapping_add(NAME_OFFSET));
    let socket = handle as SOCKET;
    let (buffer, flags, none) = (&raw const flight.buffer, &raw mut flight.flags, ptr::null_mut());
    let result = match (extent, header) {
        (Extent::Stream | Extent::Payload, _) => {
            // SAFETY: as the caller says; the buffer is that of the request.
            unsafe { WSARecv(socket, buffer, 1, none, flags, overlapped, None) }
        }
        (Extent::Message, Some((header, headroom))) => {
            flight.message = WSAMSG {
                name: name.cast(),
                namelen: NAME_LEN as i32,
                lpBuffers: buffer.cast_mut(),
                dwBufferCount: 1,
                Control: WSABUF {
                    len: headroom.saturating_sub(CONTROL_OFFSET) as u32,
                    buf: header.wrapping_add(CONTROL_OFFSET),
                },
                dwFlags: 0,
            };
            // SAFETY: the socket is open.
            let call = match extension::receive_message(unsafe { borrow(handle) }) {
                Ok(Some(call)) => call,
                Ok(None) => return Issued::Failed(errno::EOPNOTSUPP),
                Err(error) => return failed(&error),
            };
            // SAFETY: as above; the header is that of the slice.
            unsafe { call(socket, &raw mut flight.message, none, overlapped, None) }
        }
        _ => {
            let name_len = &raw mut flight.name_len;
            // SAFETY: as above; the name has room for as many bytes as stated.
            unsafe { WSARecvFrom(socket, buffer, 1, none, flags, name.cast(), name_len, overlapped, None) }
        }
    };
    said(result == 0)
}

/// # Safety
/// As of [`issue`](super::begin::issue).
pub(super) unsafe fn send(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    let Some(request) = flight.request.as_ref() else { return Issued::Failed(errno::EINVAL) };
    let bytes = request.buffer.bytes();
    // Longer than any datagram, but the number has to be one.
    flight.buffer = WSABUF { len: bytes.len().min(PIECE) as u32, buf: bytes.as_ptr().cast_mut() };
    let (buffer, none, socket) = (&raw const flight.buffer, ptr::null_mut(), handle as SOCKET);
    let Some(peer) = request.peer else {
        // SAFETY: as the caller says; the buffer is that of the request, and is only read.
        return said(unsafe { WSASend(socket, buffer, 1, none, 0, overlapped, None) } == 0);
    };
    let name_len = encode(&peer, flight);
    let name = flight.name.as_ptr().cast();
    // SAFETY: as above.
    said(unsafe { WSASendTo(socket, buffer, 1, none, 0, name, name_len, overlapped, None) } == 0)
}

/// # Safety
/// As of [`issue`](super::begin::issue).
pub(super) unsafe fn send_all(handle: RawHandle, flight: &mut Flight, overlapped: *mut OVERLAPPED) -> Issued {
    let Some(request) = flight.request.as_ref() else { return Issued::Failed(errno::EINVAL) };
    let rest = request.buffer.bytes().get(request.progress..).unwrap_or_default();
    if rest.len() > LONGEST {
        // In pieces, another send might come between them.
        return Issued::Failed(errno::EMSGSIZE);
    }
    flight.buffer = WSABUF { len: rest.len() as u32, buf: rest.as_ptr().cast_mut() };
    let buffer = &raw const flight.buffer;
    // SAFETY: as the caller says; the buffer is that of the request, and is only read.
    said(unsafe { WSASend(handle as SOCKET, buffer, 1, ptr::null_mut(), 0, overlapped, None) } == 0)
}

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

/// Writes the address to its place in the flight.
fn encode(peer: &SocketAddr, flight: &mut Flight) -> i32 {
    let mut name = [0; address::LONGEST];
    let length = address::encode(peer, &mut name);
    if let Some(place) = flight.name.first_chunk_mut() {
        *place = name;
    }
    length as i32
}

fn failed(error: &io::Error) -> Issued {
    Issued::Failed(error.raw_os_error().unwrap_or(errno::EIO))
}
