//! What the kernel tells beside a datagram.

use std::io;

use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;
use crate::net::{Domain, SocketError};

/// The local address and the interface.
pub(in crate::net) fn packet_info(
    socket: BorrowedFd<'_>,
    domain: Domain,
    on: bool,
) -> Result<(), SocketError> {
    // On a dual-stack socket the option of IPv6 covers datagrams of IPv4 too. Setting that of IPv4 as
    // well would tell each address twice, and the room for control data is small.
    let (level, name) = match domain {
        Domain::V4 => (libc::IPPROTO_IP, libc::IP_PKTINFO),
        Domain::V6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
    };
    option::set_switch(socket, level, name, on)
        .map_err(SocketError::system("asking for the local address of datagrams"))
}

/// The bits of congestion notification.
pub(in crate::net) fn ecn(socket: BorrowedFd<'_>, domain: Domain, on: bool) -> Result<(), SocketError> {
    // A dual-stack socket needs both options, each for its own family.
    let v4 = || option::set_switch(socket, libc::IPPROTO_IP, libc::IP_RECVTOS, on);
    let v6 = || option::set_switch(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVTCLASS, on);
    each_family(socket, domain, v4, v6).map_err(SocketError::system("asking for the ECN bits of datagrams"))
}

/// The time.
pub(in crate::net) fn timestamps(socket: BorrowedFd<'_>, on: bool) -> Result<(), SocketError> {
    option::set_switch(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, on)
        .map_err(SocketError::system("asking for the time of datagrams"))
}

/// What concerns both families on a socket of IPv6, and one on a socket of IPv4.
pub(in crate::net) fn each_family(
    _: BorrowedFd<'_>,
    domain: Domain,
    v4: impl FnOnce() -> io::Result<()>,
    v6: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    v4()?;
    if domain == Domain::V6 { v6() } else { Ok(()) }
}
