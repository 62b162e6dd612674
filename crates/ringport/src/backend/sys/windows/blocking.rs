//! One datagram a call: what a server without any queue does.
//!
//! A receive writes where the queues' receives write, so a buffer filled here reads the same: the payload
//! behind, address and control data in the headroom before it.

use std::cell::OnceCell;
use std::io;
use std::net::SocketAddr;
use std::os::windows::io::{AsHandle, AsRawHandle, AsRawSocket, BorrowedSocket};
use std::ptr::{null, null_mut};
use std::time::Duration;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock::{
    MSG_CTRUNC, MSG_TRUNC, SOCKET, WSA_IO_PENDING, WSA_OPERATION_ABORTED, WSABUF, WSAEFAULT, WSAEINTR,
    WSAEMSGSIZE, WSAESHUTDOWN, WSAEWOULDBLOCK, WSAGetOverlappedResult, WSAMSG, WSASendMsg, recvfrom, sendto,
};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};

use super::super::address;
use super::event::EventDescriptor;
use super::family::as_v6;
use super::poll::{Interest, poll};
use super::{checked, extension, socket_error};
use crate::memory::{self, BufferMut, CONTROL_OFFSET, HasHeader, NAME_LEN, NAME_OFFSET};
use crate::net::ControlBuffer;

/// What one receive brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A datagram; whether the slice was too short for all of it.
    Datagram { truncated: bool },
    /// The socket was shut down for reading.
    End,
}

/// Only receives that wait can be ended, and those that come later wait again.
pub(crate) const STAYS_ENDED: bool = false;

/// Waits for a datagram and receives it into `buffer`, with the peer's address. [`interrupt`] ends the wait with
/// [`io::ErrorKind::Interrupted`].
pub(crate) fn receive(socket: BorrowedSocket<'_>, buffer: &mut BufferMut) -> io::Result<Arrival> {
    let Some((header, _)) = buffer.header_ptr() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut name_len = NAME_LEN as i32;
    // SAFETY: the payload is valid for `capacity` bytes, which are fewer than 2^31, and the headroom for a name of
    // `NAME_LEN`; the buffer is borrowed uniquely until the call returns.
    let length = unsafe {
        recvfrom(
            socket.as_raw_socket() as SOCKET,
            buffer.payload_ptr(),
            buffer.capacity() as i32,
            0,
            header.wrapping_add(NAME_OFFSET).cast(),
            &mut name_len,
        )
    };
    let (length, flags) = match u32::try_from(length) {
        Ok(length) => (length, 0),
        Err(_) => match cut_or_over(socket_error(), buffer, 0, MSG_TRUNC)? {
            Some(cut) => cut,
            None => return Ok(Arrival::End),
        },
    };
    Ok(arrived(buffer, length, name_len, 0, flags))
}

/// As [`receive`], with the control data too.
pub(crate) fn receive_message(socket: BorrowedSocket<'_>, buffer: &mut BufferMut) -> io::Result<Arrival> {
    let (Some((header, headroom)), Some(call)) = (buffer.header_ptr(), extension::receive_message(socket)?)
    else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut payload = WSABUF { len: buffer.capacity() as u32, buf: buffer.payload_ptr() };
    let control = WSABUF {
        len: headroom.saturating_sub(CONTROL_OFFSET as u32),
        buf: header.wrapping_add(CONTROL_OFFSET),
    };
    let mut message = WSAMSG {
        name: header.wrapping_add(NAME_OFFSET).cast(),
        namelen: NAME_LEN as i32,
        lpBuffers: &mut payload,
        dwBufferCount: 1,
        Control: control,
        dwFlags: 0,
    };
    let event = EVENT.try_with(of_this_thread).map_err(|_| io::ErrorKind::Unsupported)??;
    // The socket may be of a completion port, for good: the low bit says that this operation is none of that port's.
    let event = event.map_addr(|address| address | 1);
    let mut waited = OVERLAPPED { hEvent: event, ..OVERLAPPED::default() };
    let number = socket.as_raw_socket() as SOCKET;
    let (mut length, mut flags) = (0, 0);
    // SAFETY: the message points at the payload and the headroom of the buffer, which is borrowed uniquely until this
    // returns, with the lengths of both; all that the call writes to stays until it has been waited for.
    let begun = unsafe { call(number, &raw mut message, null_mut(), &raw mut waited, None) };
    let mut error = (begun != 0).then(socket_error);
    if error.as_ref().and_then(io::Error::raw_os_error) == Some(WSA_IO_PENDING) {
        // SAFETY: the operation was begun above, and both numbers are valid for writing.
        let over = unsafe { WSAGetOverlappedResult(number, &raw const waited, &mut length, 1, &mut flags) };
        error = (over == 0).then(socket_error);
    }
    // It is told here also where the datagram did not fit, unlike by the calls.
    let told = waited.InternalHigh as u32;
    let (length, flags) = match error {
        None => (told, message.dwFlags),
        Some(error) => match cut_or_over(error, buffer, told, message.dwFlags)? {
            Some(cut) => cut,
            None => return Ok(Arrival::End),
        },
    };
    Ok(arrived(buffer, length, message.namelen, message.Control.len, flags))
}

thread_local! {
    /// What a thread waits on for a message: its own, for otherwise it would wait on the socket, with others.
    #[allow(clippy::missing_const_for_thread_local, reason = "it is: the lint does not see it in the macro of Windows")]
    static EVENT: OnceCell<EventDescriptor> = const { OnceCell::new() };
}

fn of_this_thread(event: &OnceCell<EventDescriptor>) -> io::Result<HANDLE> {
    let event = match event.get() {
        Some(event) => event,
        None => {
            let new = EventDescriptor::new()?;
            event.get_or_init(|| new)
        }
    };
    Ok(event.as_handle().as_raw_handle())
}

/// What the error of a receive says: a datagram that was cut, with its length here and flags; nothing for the end of a
/// socket.
fn cut_or_over(
    error: io::Error,
    buffer: &BufferMut,
    length: u32,
    flags: u32,
) -> io::Result<Option<(u32, u32)>> {
    match error.raw_os_error() {
        // All of the slice was written then.
        Some(WSAEMSGSIZE) if flags & MSG_TRUNC != 0 => Ok(Some((buffer.capacity() as u32, flags))),
        // Only the control data was.
        Some(WSAEMSGSIZE) if flags & MSG_CTRUNC != 0 => Ok(Some((length, flags))),
        Some(WSAEMSGSIZE) => Ok(Some((buffer.capacity() as u32, MSG_TRUNC))),
        Some(WSAESHUTDOWN) => Ok(None),
        Some(WSAEINTR | WSA_OPERATION_ABORTED) => Err(io::ErrorKind::Interrupted.into()),
        _ => Err(error),
    }
}

fn arrived(buffer: &mut BufferMut, length: u32, name_len: i32, control_len: u32, flags: u32) -> Arrival {
    let received = memory::Received {
        name_len: usize::try_from(name_len).unwrap_or(0).min(NAME_LEN) as u8,
        control_len: control_len as u16,
        flags: if flags & MSG_CTRUNC != 0 { memory::Received::CONTROL_TRUNCATED } else { 0 },
    };
    buffer.set_received(length, received);
    Arrival::Datagram { truncated: flags & MSG_TRUNC != 0 }
}

/// Ends the receives of a socket that other threads wait in now. One that begins its wait a moment later is not
/// ended: ask again until it is.
pub(crate) fn interrupt(socket: BorrowedSocket<'_>) {
    // SAFETY: the socket is open; the call ends operations and writes nothing of its own.
    unsafe { CancelIoEx(socket.as_raw_socket() as HANDLE, null()) };
}

/// Whether no datagram waits in the socket.
pub(crate) fn is_empty(socket: BorrowedSocket<'_>) -> bool {
    !poll(socket, Interest::Read, Some(Duration::ZERO)).unwrap_or(false)
}

/// Sends one datagram, with `control` data unless it is empty. Waits for room only with `wait`.
pub(crate) fn send(
    socket: BorrowedSocket<'_>,
    bytes: &[u8],
    peer: &SocketAddr,
    control: &[u8],
    wait: bool,
) -> io::Result<()> {
    let sent = send_in_form(socket, bytes, peer, control, wait);
    match &sent {
        Err(error) if error.raw_os_error() == Some(WSAEFAULT) && peer.is_ipv4() => {
            send_in_form(socket, bytes, &as_v6(*peer), control, wait)
        }
        _ => sent,
    }
}

/// The same to a peer whose address has the form of the socket.
fn send_in_form(
    socket: BorrowedSocket<'_>,
    bytes: &[u8],
    peer: &SocketAddr,
    control: &[u8],
    wait: bool,
) -> io::Result<()> {
    // No flag keeps a single call from waiting.
    if !wait && !poll(socket, Interest::Write, Some(Duration::ZERO))? {
        return Err(io::Error::from_raw_os_error(WSAEWOULDBLOCK));
    }
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::from_raw_os_error(WSAEMSGSIZE))?;
    let mut name = [0; address::LONGEST];
    let name_len = address::encode(peer, &mut name) as i32;
    let socket = socket.as_raw_socket() as SOCKET;
    if control.is_empty() {
        // SAFETY: `bytes` and `name` are valid for reading as many bytes as stated.
        let sent =
            unsafe { sendto(socket, bytes.as_ptr(), length as i32, 0, name.as_ptr().cast(), name_len) };
        return if sent < 0 { Err(socket_error()) } else { Ok(()) };
    }
    let control = ControlBuffer::narrowed(control, peer.ip().to_canonical().is_ipv4());
    let control = control.as_bytes();
    let mut payload = WSABUF { len: length, buf: bytes.as_ptr().cast_mut() };
    let message = WSAMSG {
        name: name.as_mut_ptr().cast(),
        namelen: name_len,
        lpBuffers: &mut payload,
        dwBufferCount: 1,
        Control: WSABUF { len: control.len() as u32, buf: control.as_ptr().cast_mut() },
        dwFlags: 0,
    };
    let mut sent = 0;
    // SAFETY: the message points at `name`, `payload`, `bytes` and `control`, which the call only reads; without an
    // OVERLAPPED it is over when it returns.
    checked(unsafe { WSASendMsg(socket, &message, 0, &mut sent, null_mut(), None) })
}

/// The most datagrams of one [`send_many`].
pub(crate) const MOST: usize = 64;

/// Sends up to [`MOST`] datagrams, each with a call of its own, and without waiting; returns how many left, at least
/// one.
pub(crate) fn send_many(socket: BorrowedSocket<'_>, datagrams: &[(SocketAddr, &[u8])]) -> io::Result<usize> {
    for (sent, (peer, bytes)) in datagrams.iter().take(MOST).enumerate() {
        match send(socket, bytes, peer, &[], false) {
            Ok(()) => {}
            Err(error) if sent == 0 => return Err(error),
            Err(_) => return Ok(sent),
        }
    }
    Ok(datagrams.len().min(MOST))
}

#[cfg(test)]
mod tests;
