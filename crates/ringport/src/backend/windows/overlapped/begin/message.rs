//! Datagrams with an address or control data: the calls take a message that stays until the end, in the place.

use std::os::windows::io::RawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{SOCKET, WSABUF, WSAEINVAL, WSAEOPNOTSUPP, WSAMSG, WSASendMsg};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::winsock;
use crate::backend::sys::address;
use crate::backend::windows::carrier::Beside;
use crate::backend::windows::overlapped::place::{Detail, Letter, Place};
use crate::backend::windows::overlapped::socket::Socket;
use crate::memory::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET};

/// Receives a datagram, its address and its control data (`WSARecvMsg`).
///
/// # Safety
/// As [`begin`](super::begin).
pub(super) unsafe fn receive_message(
    socket: &Socket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
    parts: &[WSABUF],
    beside: Beside<'_>,
) -> Result<(), i32> {
    let (Detail::Receive(message), Some(call)) = (&mut place.detail, socket.functions.receive_message) else {
        return Err(WSAEOPNOTSUPP);
    };
    **message = WSAMSG {
        name: beside.start.wrapping_add(NAME_OFFSET).cast(),
        namelen: NAME_LEN as i32,
        lpBuffers: parts.as_ptr().cast_mut(),
        dwBufferCount: parts.len() as u32,
        Control: WSABUF {
            len: beside.length.saturating_sub(CONTROL_OFFSET as u32),
            buf: beside.start.wrapping_add(CONTROL_OFFSET),
        },
        dwFlags: 0,
    };
    // SAFETY: the parts are read during the call; their memory, that of address and control data, the message and the
    // OVERLAPPED stay until the end.
    winsock(unsafe { call(socket.raw as SOCKET, &raw mut **message, ptr::null_mut(), overlapped, None) })
}

/// Sends a datagram to an address, or with control data (`WSASendMsg`).
///
/// # Safety
/// As [`begin`](super::begin).
pub(super) unsafe fn send_message(
    socket: RawSocket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
    parts: &[WSABUF],
    peer: Option<(usize, [u8; address::LONGEST])>,
    control: &[u8],
) -> Result<(), i32> {
    let Detail::Send(letter) = &mut place.detail else { return Err(WSAEOPNOTSUPP) };
    let Letter { message, name, control: kept } = &mut **letter;
    let Some(copy) = kept.0.get_mut(..control.len()) else { return Err(WSAEINVAL) };
    copy.copy_from_slice(control);
    let (to, length) = match peer {
        Some((length, of)) => {
            *name = of;
            (name.as_mut_ptr(), length)
        }
        None => (ptr::null_mut(), 0),
    };
    let data = if copy.is_empty() { ptr::null_mut() } else { copy.as_mut_ptr() };
    *message = WSAMSG {
        name: to.cast(),
        namelen: length as i32,
        lpBuffers: parts.as_ptr().cast_mut(),
        dwBufferCount: parts.len() as u32,
        Control: WSABUF { len: control.len() as u32, buf: data },
        dwFlags: 0,
    };
    // SAFETY: the parts are read during the call; their memory, and the message with all that it names, stay until the
    // end.
    winsock(unsafe {
        WSASendMsg(socket as SOCKET, &raw const *message, 0, ptr::null_mut(), overlapped, None)
    })
}
