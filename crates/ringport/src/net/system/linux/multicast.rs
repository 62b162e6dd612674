//! Options of groups that the systems have in different forms.

use std::io;

use socket2::SockRef;

use super::told::each_family;
use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;
use crate::net::{Domain, Interface, SocketError};

/// The interface for groups of IPv4. By hand, because socket2 sets an address only.
pub(in crate::net) fn interface_v4(socket: BorrowedFd<'_>, interface: Interface) -> io::Result<()> {
    // struct ip_mreqn: group (not used here), address, index.
    let request = match interface {
        Interface::Any => [0; 3],
        Interface::Index(index) => [0, 0, index],
        Interface::Address(address) => [0, u32::from_ne_bytes(address.octets()), 0],
    };
    option::set(socket, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &request)
}

/// Whether it gets the groups that others joined.
pub(in crate::net) fn all(socket: BorrowedFd<'_>, domain: Domain, on: bool) -> Result<(), SocketError> {
    let options = SockRef::from(&socket);
    each_family(socket, domain, || options.set_multicast_all_v4(on), || options.set_multicast_all_v6(on))
        .map_err(SocketError::system("setting which groups a socket gets"))
}
