//! The address of a socket's own end.

use std::io;
use std::net::SocketAddr;

use socket2::SockRef;

use crate::backend::sys::descriptor::AsFd;
use crate::net::address::ip_address;

/// The address that a socket is bound to: with port 0 while it is bound to none.
pub(crate) fn local_address(socket: impl AsFd) -> io::Result<SocketAddr> {
    SockRef::from(&socket).local_addr().and_then(ip_address)
}
