//! The calls that begin operations.

use std::os::windows::io::{AsRawSocket, RawSocket};
use std::ptr;

use windows_sys::Win32::Foundation::STATUS_BUFFER_OVERFLOW;
use windows_sys::Win32::Networking::WinSock::{
    SOCKADDR, SOCKET, SOCKET_ERROR, WSA_IO_PENDING, WSABUF, WSAECONNABORTED, WSAEINVAL, WSAEMSGSIZE,
    WSAEOPNOTSUPP, WSAGetLastError, WSAMSG, WSARecv, WSASend, WSASendMsg, bind,
};
use windows_sys::Win32::System::IO::OVERLAPPED;
use windows_sys::core::BOOL;

use super::super::carrier::{Begun, Beside, Outcome, Ticket, Work};
use super::outcome::{outcome, status_of};
use super::place::{ACCEPT_ADDRESS, Detail, Guest, Letter, Place, Spot};
use super::socket::Socket;
use crate::backend::contract::Status;
use crate::backend::sys::{address, socket as sockets};
use crate::memory::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET};

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
/// As [`begin`]; so it is of all that follow.
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

unsafe fn receive_message(
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

unsafe fn send(socket: RawSocket, overlapped: *mut OVERLAPPED, parts: &[WSABUF]) -> Result<(), i32> {
    // SAFETY: the parts are read during the call; their memory and the OVERLAPPED stay until the end.
    winsock(unsafe {
        WSASend(socket as SOCKET, parts.as_ptr(), parts.len() as u32, ptr::null_mut(), 0, overlapped, None)
    })
}

unsafe fn send_message(
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

unsafe fn connect(
    socket: &Socket,
    place: &mut Place,
    overlapped: *mut OVERLAPPED,
    peer: &std::net::SocketAddr,
) -> Result<(), i32> {
    let Some(call) = socket.functions.connect else { return Err(WSAEOPNOTSUPP) };
    // A connection wants a bound socket, which `connect` would see to by itself.
    let (mut any, mut name) = ([0; address::LONGEST], [0; address::LONGEST]);
    let unspecified: std::net::IpAddr = match peer.ip() {
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
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

unsafe fn accept(socket: &Socket, place: &mut Place, overlapped: *mut OVERLAPPED) -> Result<(), i32> {
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

/// What a function of Winsock says.
fn winsock(returned: i32) -> Result<(), i32> {
    if returned == SOCKET_ERROR { Err(last_error()) } else { Ok(()) }
}

/// What a function that was asked for says.
fn extension(returned: BOOL) -> Result<(), i32> {
    if returned == 0 { Err(last_error()) } else { Ok(()) }
}

fn last_error() -> i32 {
    // SAFETY: the call takes nothing.
    unsafe { WSAGetLastError() }
}
