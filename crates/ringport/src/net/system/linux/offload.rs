//! Runs of datagrams: UDP_GRO and UDP_SEGMENT.

use std::io;

use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;
use crate::net::SocketError;

/// Switches the gathering of received datagrams.
pub(in crate::net) fn receive(socket: BorrowedFd<'_>, on: bool) -> Result<(), SocketError> {
    option::set_switch(socket, libc::SOL_UDP, libc::UDP_GRO, on)
        .map_err(SocketError::system("setting the receive offload of a socket"))
}

/// Tries whether sends can be split.
pub(in crate::net) fn try_send(socket: BorrowedFd<'_>) -> io::Result<()> {
    option::set(socket, libc::SOL_UDP, libc::UDP_SEGMENT, &1024)
}
