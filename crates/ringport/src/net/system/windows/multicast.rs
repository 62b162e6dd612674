//! Options of groups that the systems have in different forms.

use std::io;
use std::os::windows::io::BorrowedSocket;

use windows_sys::Win32::Networking::WinSock::{IP_MULTICAST_IF, IPPROTO_IP};

use super::offered::not_offered;
use crate::backend::sys::option;
use crate::net::{Domain, Interface, SocketError};

/// The interface for groups of IPv4: an address, or an index in the form of an address of 0.0.0.0/8.
pub(in crate::net) fn interface_v4(socket: BorrowedSocket<'_>, interface: Interface) -> io::Result<()> {
    let request = match interface {
        Interface::Any => 0,
        Interface::Index(index) => index.to_be(),
        Interface::Address(address) => u32::from_ne_bytes(address.octets()),
    };
    option::set(socket, IPPROTO_IP, IP_MULTICAST_IF, &request)
}

/// A socket of Windows gets the groups that it joined itself, always.
pub(in crate::net) fn all(_: BorrowedSocket<'_>, _: Domain, on: bool) -> Result<(), SocketError> {
    if on {
        return Err(not_offered(
            "receiving the groups that other sockets joined",
            "join them on this socket",
        ));
    }
    Ok(())
}
