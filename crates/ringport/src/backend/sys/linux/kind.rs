//! What kind of socket a descriptor is of.

use std::io;
use std::os::fd::BorrowedFd;

use super::option;

/// The kinds that the crate tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UDP over IPv4 or IPv6.
    Udp,
    /// A stream that queues can serve: TCP over IPv4 or IPv6, or a Unix socket.
    Stream,
    /// Whole packets.
    Raw,
    /// Anything else.
    Other,
}

/// Asks the kernel.
pub(crate) fn kind(socket: BorrowedFd<'_>) -> io::Result<Kind> {
    let read = |name| option::get::<i32>(socket, libc::SOL_SOCKET, name);
    let kind = read(libc::SO_TYPE)?;
    if kind == libc::SOCK_RAW {
        return Ok(Kind::Raw);
    }
    let (domain, protocol) = (read(libc::SO_DOMAIN)?, read(libc::SO_PROTOCOL)?);
    Ok(match (kind, domain) {
        (libc::SOCK_STREAM, libc::AF_INET | libc::AF_INET6 | libc::AF_UNIX) => Kind::Stream,
        // A datagram socket may also be one for pings: the protocol decides.
        (libc::SOCK_DGRAM, libc::AF_INET | libc::AF_INET6) if protocol == libc::IPPROTO_UDP => Kind::Udp,
        _ => Kind::Other,
    })
}

/// Whether its addresses are of IPv4.
pub(crate) fn is_v4(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(option::get::<i32>(socket, libc::SOL_SOCKET, libc::SO_DOMAIN)? == libc::AF_INET)
}

/// Whether it is a stream socket that listens.
pub(crate) fn listens(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(option::get::<i32>(socket, libc::SOL_SOCKET, libc::SO_ACCEPTCONN)? != 0)
}
