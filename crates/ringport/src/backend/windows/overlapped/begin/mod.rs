//! The calls that begin operations, and what follows from what they say.
//!
//! ```text
//!   call ──► done, and no packet comes ──► Done
//!        ├─► under way ──► busy ─────────► Pending: the kernel has the place
//!        └─► refused ────────────────────► Done, failed
//! ```

mod connection;
mod message;

use std::os::windows::io::RawSocket;
use std::ptr;

use windows_sys::Win32::Foundation::STATUS_BUFFER_OVERFLOW;
use windows_sys::Win32::Networking::WinSock::{
    SOCKET, SOCKET_ERROR, WSA_IO_PENDING, WSABUF, WSAEMSGSIZE, WSAGetLastError, WSARecv, WSASend,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use self::connection::{accept, connect};
use self::message::{receive_message, send_message};
use super::super::carrier::{Begun, Outcome, Ticket, Work};
use super::outcome::{outcome, status_of};
use super::place::{Detail, Place, Spot};
use super::socket::Socket;
use crate::backend::contract::Status;
use crate::backend::sys::address;

/// Begins an operation in an idle place.
///
/// # Safety
/// As [`Carrier::begin`](super::super::carrier::Carrier::begin); the place belongs to this operation.
pub(super) unsafe fn begin(
    spot: Spot,
    socket: &Socket,
    ticket: Ticket,
    work: Work<'_>,
    calls: &mut u64,
) -> Begun {
    let overlapped = spot.overlapped();
    // SAFETY: nothing is under way in the place, so the kernel does not have it.
    let place = unsafe { spot.idle() };
    (place.ticket, place.flags, place.connects) = (ticket, 0, false);
    *calls += 1;
    // SAFETY: the kernel has nothing of it yet, and the place is at this address.
    unsafe { *overlapped = OVERLAPPED { hEvent: socket.association.event(), ..OVERLAPPED::default() } };
    // SAFETY: the caller's word, handed on.
    let result = unsafe {
        match work {
            Work::Receive { parts, beside: Some(beside), .. } => {
                receive_message(socket, place, overlapped, parts, beside)
            }
            Work::Receive { parts, beside: None, .. } => receive(socket.raw, place, overlapped, parts),
            Work::Await => receive(socket.raw, place, overlapped, &[NO_MEMORY]),
            Work::Send { parts, peer: None, control: [], .. } => send(socket.raw, overlapped, parts),
            Work::Send { parts, peer, control, .. } => {
                let peer = peer.map(|peer| {
                    let mut name = [0; address::LONGEST];
                    (address::encode(peer, &mut name), name)
                });
                send_message(socket.raw, place, overlapped, parts, peer, control)
            }
            Work::Connect { peer } => connect(socket, place, overlapped, peer),
            Work::Accept => accept(socket, place, overlapped),
        }
    };
    let room = match work {
        Work::Receive { parts, .. } => Some(parts.iter().map(|part| part.len).sum()),
        _ => None,
    };
    begun(result, spot, socket.raw, room)
}

const NO_MEMORY: WSABUF = WSABUF { len: 0, buf: ptr::null_mut() };

/// What follows from what the call said. `room`: of a receive, how many bytes there is room for.
fn begun(result: Result<(), i32>, spot: Spot, socket: RawSocket, room: Option<u32>) -> Begun {
    // SAFETY: the arena of the place lives, as the caller of `begin` says.
    let ended = || unsafe { spot.ended() };
    match (result, room) {
        (Err(WSA_IO_PENDING), _) => {}
        (Ok(()), _) if ended().is_some() => {
            // SAFETY: as above; it has ended, so the kernel does not have the place.
            return Begun::Done(unsafe { outcome(spot, socket) });
        }
        // A datagram that was too long is an end as any other, if the system says how much of it there is.
        (Err(WSAEMSGSIZE), Some(_))
            if ended().is_some_and(|(status, _)| status == STATUS_BUFFER_OVERFLOW) =>
        {
            // SAFETY: as above.
            return Begun::Done(unsafe { outcome(spot, socket) });
        }
        (Err(WSAEMSGSIZE), Some(bytes)) => {
            return Begun::Done(Outcome { bytes, ..Outcome::of(Status::Truncated) });
        }
        // A call that went well and has not ended: its packet is still to come.
        (Ok(()), _) => {}
        (Err(error), _) => {
            // SAFETY: as above; nothing was begun.
            if let Detail::Accept(guest) = unsafe { &mut spot.idle().detail } {
                guest.socket = None;
            }
            return Begun::Done(Outcome::of(status_of(error)));
        }
    }
    // SAFETY: the kernel never touches this field.
    unsafe { spot.set_busy(true) };
    Begun::Pending
}

/// # Safety
/// As [`begin`]; so it is of `send`, too.
unsafe fn receive(
    socket: RawSocket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
    parts: &[WSABUF],
) -> Result<(), i32> {
    if let Detail::Receive(message) = &mut place.detail {
        // It brings no address.
        message.name = ptr::null_mut();
    }
    // SAFETY: the parts are read during the call; their memory, the flags and the OVERLAPPED stay until the end.
    winsock(unsafe {
        WSARecv(
            socket as SOCKET,
            parts.as_ptr(),
            parts.len() as u32,
            ptr::null_mut(),
            &raw mut place.flags,
            overlapped,
            None,
        )
    })
}

unsafe fn send(socket: RawSocket, overlapped: *mut OVERLAPPED, parts: &[WSABUF]) -> Result<(), i32> {
    // SAFETY: the parts are read during the call; their memory and the OVERLAPPED stay until the end.
    winsock(unsafe {
        WSASend(socket as SOCKET, parts.as_ptr(), parts.len() as u32, ptr::null_mut(), 0, overlapped, None)
    })
}

/// What a function of Winsock says.
fn winsock(returned: i32) -> Result<(), i32> {
    if returned == SOCKET_ERROR { Err(last_error()) } else { Ok(()) }
}

fn last_error() -> i32 {
    // SAFETY: the call takes nothing.
    unsafe { WSAGetLastError() }
}
