//! Making sockets, and who may have their port.

use std::io;
use std::net::{SocketAddr, TcpStream};

use socket2::{Protocol, SockRef, Socket, Type};

use crate::backend::sys::descriptor::{BorrowedFd, OwnedFd};
use crate::net::{Domain, SocketError};

/// A socket of UDP, bound to nothing.
pub(in crate::net) fn datagram(domain: Domain) -> io::Result<OwnedFd> {
    Socket::new(domain.into(), Type::DGRAM, Some(Protocol::UDP)).map(OwnedFd::from)
}

/// A socket of TCP, connected to nothing. It does not block.
pub(in crate::net) fn stream(domain: Domain) -> io::Result<OwnedFd> {
    Socket::new(domain.into(), Type::STREAM.nonblocking(), Some(Protocol::TCP)).map(OwnedFd::from)
}

/// A connection, once the peer has answered. It does not block any more.
pub(in crate::net) fn connected(address: SocketAddr) -> io::Result<OwnedFd> {
    let stream = TcpStream::connect(address)?;
    stream.set_nonblocking(true)?;
    Ok(stream.into())
}

/// An address as a call on this socket takes it: either family's.
pub(in crate::net) fn in_form_of(_: BorrowedFd<'_>, address: SocketAddr) -> io::Result<SocketAddr> {
    Ok(address)
}

/// How many connections may wait, as a call states it.
pub(in crate::net) fn backlog(connections: u32) -> i32 {
    i32::try_from(connections).unwrap_or(i32::MAX)
}

/// Whether several sockets may have one port: yes.
pub(in crate::net) fn may_share(_: bool) -> Result<(), SocketError> {
    Ok(())
}

/// Lets others of the same user have its port, or not.
pub(in crate::net) fn share(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    SockRef::from(&socket).set_reuse_port(on)
}

/// Before a socket is bound: who else may have its port.
pub(in crate::net) fn before_binding(socket: BorrowedFd<'_>, shared: bool) -> io::Result<()> {
    if shared { share(socket, true) } else { Ok(()) }
}

/// The same for a listener. A server that is started again finds its address free, although old connections linger.
pub(in crate::net) fn before_listening(socket: BorrowedFd<'_>, shared: bool) -> io::Result<()> {
    SockRef::from(&socket).set_reuse_address(true)?;
    before_binding(socket, shared)
}

/// What every socket of UDP needs, wherever it was made: nothing.
#[inline]
pub(in crate::net) fn adopt(_: &OwnedFd) {}
