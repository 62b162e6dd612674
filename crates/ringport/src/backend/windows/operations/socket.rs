//! What sockets receive and send: the overlapped calls of Winsock.

use std::io;
use std::net::SocketAddr;
use std::os::windows::io::{BorrowedSocket, RawHandle, RawSocket};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    SOCKET, WSABUF, WSAMSG, WSARecv, WSARecvFrom, WSASend, WSASendTo,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::super::extension;
use super::super::packets::LONGEST;
use super::begin::Issued;
use super::file::{PIECE, said};
use super::node::Flight;
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

/// Writes the address to its place in the flight.
pub(super) fn encode(peer: &SocketAddr, flight: &mut Flight) -> i32 {
    let mut name = [0; address::LONGEST];
    let length = address::encode(peer, &mut name);
    if let Some(place) = flight.name.first_chunk_mut() {
        *place = name;
    }
    length as i32
}

pub(super) fn failed(error: &io::Error) -> Issued {
    Issued::Failed(error.raw_os_error().unwrap_or(errno::EIO))
}
