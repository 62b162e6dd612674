//! Stream sockets: connections and listeners, of TCP and of Unix.
//!
//! They are non-blocking from the moment they are made, since queues serve them; bytes are moved by request
//! queues, and so are connections accepted and made. What is here is the socket itself and what can be asked of it.

mod error;
mod listener;
mod options;
mod socket;

pub use error::{StreamRefusal, StreamRefused};
pub use listener::{StreamListener, StreamListenerBuilder};
pub use options::KeepAlive;
pub use socket::StreamSocket;

use crate::backend::sys::descriptor::{AsFd, OwnedFd};
use std::io;
use std::net::SocketAddr;

use crate::backend::sys::errno;
use crate::backend::sys::option;

/// Whether a descriptor is of a stream socket that listens (`true`) or not.
fn listens(fd: &OwnedFd) -> Result<bool, StreamRefusal> {
    let read = |name| option::get::<i32>(fd.as_fd(), libc::SOL_SOCKET, name);
    let kind = read(libc::SO_TYPE).map_err(|error| match error.raw_os_error() {
        Some(errno::ENOTSOCK) => StreamRefusal::NotASocket,
        _ => StreamRefusal::System(error),
    })?;
    let domain = read(libc::SO_DOMAIN).map_err(StreamRefusal::System)?;
    if kind != libc::SOCK_STREAM || !matches!(domain, libc::AF_INET | libc::AF_INET6 | libc::AF_UNIX) {
        return Err(StreamRefusal::NotAStream);
    }
    Ok(read(libc::SO_ACCEPTCONN).map_err(StreamRefusal::System)? != 0)
}

/// The address in a form that programs know; a Unix socket has none.
fn ip_address(address: socket2::SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}
