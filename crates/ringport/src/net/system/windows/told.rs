//! What the system tells beside a datagram.

use std::io;
use std::os::windows::io::BorrowedSocket;

use socket2::SockRef;
use windows_sys::Win32::Networking::WinSock::{
    IP_PKTINFO, IP_RECVECN, IP_RECVTOS, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO, IPV6_RECVECN,
    IPV6_RECVTCLASS, SIO_TIMESTAMPING, TIMESTAMPING_FLAG_RX,
};

use super::offered::{is_missing, switched};
use crate::backend::sys::option;
use crate::net::{Domain, SocketError};

/// The local address and the interface.
pub(in crate::net) fn packet_info(
    socket: BorrowedSocket<'_>,
    domain: Domain,
    on: bool,
) -> Result<(), SocketError> {
    let v4 = || option::set_switch(socket, IPPROTO_IP, IP_PKTINFO, on);
    let v6 = || option::set_switch(socket, IPPROTO_IPV6, IPV6_PKTINFO, on);
    let set = each_family(socket, domain, v4, v6);
    switched(
        on,
        set,
        "telling the local address of datagrams (IP_PKTINFO)",
        "bind one socket for each address",
        "asking for the local address of datagrams",
    )
}

/// The bits of congestion notification. Releases before Windows 11 and Server 2022 tell
/// them with the rest of the traffic class, if at all.
pub(in crate::net) fn ecn(socket: BorrowedSocket<'_>, domain: Domain, on: bool) -> Result<(), SocketError> {
    let set = |level, name, older| match option::set_switch(socket, level, name, on) {
        Err(error) if is_missing(&error) => option::set_switch(socket, level, older, on),
        set => set,
    };
    let v4 = || set(IPPROTO_IP, IP_RECVECN, IP_RECVTOS);
    let v6 = || set(IPPROTO_IPV6, IPV6_RECVECN, IPV6_RECVTCLASS);
    let set = each_family(socket, domain, v4, v6);
    switched(
        on,
        set,
        "telling the ECN bits of datagrams (IP_RECVECN)",
        "do without congestion notification",
        "asking for the ECN bits of datagrams",
    )
}

/// The time.
pub(in crate::net) fn timestamps(socket: BorrowedSocket<'_>, on: bool) -> Result<(), SocketError> {
    // TIMESTAMPING_CONFIG: the flags, and how many times of sends are kept, which takes half of the second number.
    let asked = [if on { TIMESTAMPING_FLAG_RX } else { 0 }, 0];
    let set = option::control(socket, SIO_TIMESTAMPING, &asked);
    switched(
        on,
        set,
        "telling when datagrams were received (SIO_TIMESTAMPING)",
        "take the time when the datagram is handled",
        "asking for the time of datagrams",
    )
}

/// Windows tells of datagrams over IPv4 by the options of that family also on a socket of both, and refuses these
/// options on a socket of IPv6 alone.
pub(in crate::net) fn each_family(
    socket: BorrowedSocket<'_>,
    domain: Domain,
    v4: impl FnOnce() -> io::Result<()>,
    v6: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    if domain == Domain::V4 || !SockRef::from(&socket).only_v6()? {
        v4()?;
    }
    if domain == Domain::V6 { v6() } else { Ok(()) }
}
