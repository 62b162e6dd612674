//! What the system knows of the way to a peer. What routers say it keeps for itself.

use std::os::windows::io::BorrowedSocket;

use windows_sys::Win32::Networking::WinSock::{IP_MTU, IPPROTO_IP, IPPROTO_IPV6, IPV6_MTU};

use super::offered::{missing, not_offered};
use crate::backend::sys::option;
use crate::net::{Domain, PathError, SocketError};

/// The largest packet to the peer, whose way is over IPv4 or not.
pub(in crate::net) fn mtu(socket: BorrowedSocket<'_>, v4: bool) -> Result<u32, SocketError> {
    let (level, name) = if v4 { (IPPROTO_IP, IP_MTU) } else { (IPPROTO_IPV6, IPV6_MTU) };
    option::get(socket, level, name).map_err(missing(
        "telling the path MTU of a socket (IP_MTU)",
        "find out with datagrams of growing length",
        "reading the path MTU of a socket",
    ))
}

/// Windows keeps no errors for a socket to read.
pub(in crate::net) fn errors(_: BorrowedSocket<'_>, _: Domain, on: bool) -> Result<(), SocketError> {
    if on {
        return Err(not_offered(
            "telling what became of single datagrams (path_errors)",
            "ask UdpSocket::path_mtu, and have the peer answer",
        ));
    }
    Ok(())
}

/// There is none to take.
pub(in crate::net) fn take_error(_: BorrowedSocket<'_>) -> Result<Option<PathError>, SocketError> {
    Ok(None)
}
