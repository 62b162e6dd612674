//! The families of addresses: their numbers, as an address has them, and one address in the form of the other.

use std::net::SocketAddr;

pub(crate) use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};

/// An address in the form that calls on a socket of IPv6 take, also where it is of both families: one of IPv4 is
/// `::ffff:a.b.c.d`. In its own form they refuse it (`WSAEFAULT`).
pub(crate) fn as_v6(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) => SocketAddr::from((v4.ip().to_ipv6_mapped(), v4.port())),
        SocketAddr::V6(_) => address,
    }
}
