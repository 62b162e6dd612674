//! From what the kernel has written to how an operation ended.

use std::os::windows::io::{AsRawSocket, RawSocket};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_HANDLES_CLOSED, ERROR_OPERATION_ABORTED, STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED,
    STATUS_HANDLES_CLOSED, STATUS_SUCCESS,
};
use windows_sys::Win32::Networking::WinSock::{
    FIONBIO, MSG_CTRUNC, MSG_TRUNC, SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_CONNECT_CONTEXT, SOCKET, SOL_SOCKET,
    WSAENOTSOCK, WSAGetLastError, WSAGetOverlappedResult, WSAMSG, ioctlsocket, setsockopt,
};

use super::super::carrier::Outcome;
use super::place::{Detail, Spot};
use crate::backend::contract::Status;
use crate::memory::{NAME_LEN, Received};

/// How the operation in a place ended.
///
/// # Safety
/// The arena of the place lives, and the kernel does not have the place any more.
pub(super) unsafe fn outcome(spot: Spot, socket: RawSocket) -> Outcome {
    // SAFETY: the caller's word.
    let (ended, place) = unsafe { (spot.ended(), spot.idle()) };
    let (code, bytes) = ended.unwrap_or_default();
    let mut outcome = Outcome { bytes, ..Outcome::of(status(code, socket, spot)) };
    match &mut place.detail {
        Detail::Receive(message) if !message.name.is_null() => {
            outcome.received = received(message);
            let only_control = message.dwFlags & (MSG_CTRUNC | MSG_TRUNC) == MSG_CTRUNC;
            if outcome.status == Status::Truncated && only_control {
                // All of the datagram is there: what was too long is what the system says about it.
                outcome.status = Status::Success;
            }
        }
        Detail::Accept(guest) => {
            // Of an accept that failed it is closed: the next listener in this place may be of another family.
            let connection = guest.socket.take().filter(|_| outcome.status == Status::Success);
            if let Some(connection) = connection.as_ref() {
                accepted(connection.as_raw_socket(), socket);
            }
            outcome.connection = connection;
        }
        Detail::Stream if place.connects && outcome.status == Status::Success => {
            set(socket, SO_UPDATE_CONNECT_CONTEXT, &[]);
        }
        _ => {}
    }
    outcome
}

/// What the headroom has.
fn received(message: &WSAMSG) -> Received {
    Received {
        name_len: message.namelen.clamp(0, NAME_LEN as i32) as u8,
        control_len: message.Control.len.min(u16::MAX.into()) as u16,
        flags: if message.dwFlags & MSG_CTRUNC != 0 { Received::CONTROL_TRUNCATED } else { 0 },
    }
}

/// What a status of the kernel means; only the usual ones are known here, others are asked for.
fn status(code: i32, socket: RawSocket, spot: Spot) -> Status {
    match code {
        STATUS_SUCCESS => Status::Success,
        STATUS_BUFFER_OVERFLOW => Status::Truncated,
        STATUS_CANCELLED | STATUS_HANDLES_CLOSED => Status::Aborted,
        _ => {
            let (mut bytes, mut flags) = (0, 0);
            // SAFETY: the operation has ended, so the call only reads the OVERLAPPED; the other places are locals.
            let well = unsafe {
                WSAGetOverlappedResult(socket as SOCKET, spot.overlapped(), &mut bytes, 0, &mut flags)
            };
            // SAFETY: the call takes nothing.
            if well != 0 { Status::Success } else { status_of(unsafe { WSAGetLastError() }) }
        }
    }
}

/// What an error of Winsock means.
pub(super) fn status_of(error: i32) -> Status {
    const ABORTED: i32 = ERROR_OPERATION_ABORTED as i32;
    // Said of operations whose socket was closed by the number it had.
    const CLOSED: i32 = ERROR_HANDLES_CLOSED as i32;
    match error {
        ABORTED | CLOSED | WSAENOTSOCK => Status::Aborted,
        error => Status::Failed(error),
    }
}

/// Makes a connection like any other: until then the system does not know that it came from the listener.
fn accepted(connection: RawSocket, listener: RawSocket) {
    set(connection, SO_UPDATE_ACCEPT_CONTEXT, &(listener as SOCKET).to_ne_bytes());
    let mut on = 1;
    // As those that are accepted otherwise; it cannot fail for a socket that is open.
    // SAFETY: `on` is valid for reading.
    unsafe { ioctlsocket(connection as SOCKET, FIONBIO, &mut on) };
}

/// Sets what completes a connection. Where that fails, the connection still works, but cannot be asked for its ends.
fn set(socket: RawSocket, option: i32, value: &[u8]) {
    let place = if value.is_empty() { ptr::null() } else { value.as_ptr() };
    // SAFETY: the value is valid for reading its bytes, if it has any.
    unsafe { setsockopt(socket as SOCKET, SOL_SOCKET, option, place, value.len() as i32) };
}
