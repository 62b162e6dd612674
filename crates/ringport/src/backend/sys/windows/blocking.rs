//! One datagram a call: what a server without any queue does.

use std::io;
use std::net::SocketAddr;

use crate::backend::sys::descriptor::BorrowedFd;
use crate::memory::BufferMut;

/// What one receive brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A datagram; whether the slice was too short for all of it.
    Datagram { truncated: bool },
    /// The socket was shut down for reading, and nothing is left in it.
    End,
}

/// Waits for a datagram and receives it into `buffer`, with the peer's address.
pub(crate) fn receive(_socket: BorrowedFd<'_>, _buffer: &mut BufferMut) -> io::Result<Arrival> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As [`receive`], with the control data too.
pub(crate) fn receive_message(_socket: BorrowedFd<'_>, _buffer: &mut BufferMut) -> io::Result<Arrival> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether no datagram waits in the socket.
pub(crate) fn is_empty(_socket: BorrowedFd<'_>) -> bool {
    true
}

/// Sends one datagram, with `control` data unless it is empty. Waits for room only with `wait`.
pub(crate) fn send(
    _socket: BorrowedFd<'_>,
    _bytes: &[u8],
    _peer: &SocketAddr,
    _control: &[u8],
    _wait: bool,
) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The most datagrams in one call of [`send_many`].
pub(crate) const MOST: usize = 64;

/// Sends up to [`MOST`] datagrams; returns how many left, at least one.
pub(crate) fn send_many(_socket: BorrowedFd<'_>, _datagrams: &[(SocketAddr, &[u8])]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
