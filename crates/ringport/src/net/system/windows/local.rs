//! The address of a socket's own end.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::SockRef;
use windows_sys::Win32::Networking::WinSock::WSAEINVAL;

use crate::backend::sys::descriptor::AsFd;
use crate::backend::sys::kind;
use crate::net::address::ip_address;

/// The address that a socket is bound to: with port 0 while it is bound to none, which Windows calls an error.
pub(crate) fn local_address(socket: impl AsFd) -> io::Result<SocketAddr> {
    let socket = socket.as_fd();
    match SockRef::from(&socket).local_addr().and_then(ip_address) {
        Err(error) if error.raw_os_error() == Some(WSAEINVAL) => Ok(if kind::is_v4(socket)? {
            SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
        } else {
            SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))
        }),
        address => address,
    }
}
