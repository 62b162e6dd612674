//! Making sockets, and who may have their port.
//!
//! What is called sharing on Windows (`SO_REUSEADDR`) takes a port away from another socket, without spreading anything.
//! So nothing is ever shared, and every port is taken for one socket alone (`SO_EXCLUSIVEADDRUSE`), so that nobody else
//! takes it away either.

use std::io;
use std::net::SocketAddr;
use std::os::windows::io::{AsSocket, BorrowedSocket, OwnedSocket};

use socket2::SockRef;
use windows_sys::Win32::Networking::WinSock::{SO_EXCLUSIVEADDRUSE, SOL_SOCKET, WSAEAFNOSUPPORT};

use super::offered::not_offered;
use crate::backend::sys::family::{AF_INET, AF_INET6, as_v6};
use crate::backend::sys::{kind, option, socket};
use crate::net::{Domain, SocketError};

fn family(domain: Domain) -> u16 {
    match domain {
        Domain::V4 => AF_INET,
        Domain::V6 => AF_INET6,
    }
}

/// A socket of UDP, bound to nothing.
pub(in crate::net) fn datagram(domain: Domain) -> io::Result<OwnedSocket> {
    let made = of_both_families(socket::udp(family(domain))?, domain)?;
    adopt(&made);
    Ok(made)
}

/// A socket of TCP, connected to nothing. It does not block.
pub(in crate::net) fn stream(domain: Domain) -> io::Result<OwnedSocket> {
    let made = of_both_families(socket::tcp(family(domain))?, domain)?;
    SockRef::from(&made).set_nonblocking(true)?;
    Ok(made)
}

/// A connection, once the peer has answered. It does not block any more.
pub(in crate::net) fn connected(address: SocketAddr) -> io::Result<OwnedSocket> {
    let domain = Domain::of(&address);
    let made = of_both_families(socket::tcp(family(domain))?, domain)?;
    let options = SockRef::from(&made);
    options.connect(&address.into())?;
    options.set_nonblocking(true)?;
    Ok(made)
}

/// An address as a call on this socket takes it: on a socket of IPv6 one of IPv4 has the form `::ffff:a.b.c.d`.
pub(in crate::net) fn in_form_of(socket: BorrowedSocket<'_>, address: SocketAddr) -> io::Result<SocketAddr> {
    match (address, kind::is_v4(socket)?) {
        (SocketAddr::V4(_), false) => Ok(as_v6(address)),
        // What the call says of it depends on the release.
        (SocketAddr::V6(_), true) => Err(io::Error::from_raw_os_error(WSAEAFNOSUPPORT)),
        _ => Ok(address),
    }
}

/// The largest hint that there is.
const MOST_WAITING: u32 = 65_535;

/// How many connections may wait, as a call states it: as a hint (`SOMAXCONN_HINT`), for a bare number above 200 is cut
/// to that.
pub(in crate::net) fn backlog(connections: u32) -> i32 {
    match connections.min(MOST_WAITING) {
        few @ ..=200 => few as i32,
        many => -(many as i32),
    }
}

/// As everywhere else a socket of IPv6 is one of IPv4 too, unless it is told otherwise.
fn of_both_families(made: OwnedSocket, domain: Domain) -> io::Result<OwnedSocket> {
    if domain == Domain::V6 {
        SockRef::from(&made).set_only_v6(false)?;
    }
    Ok(made)
}

/// Whether several sockets may have one port: no.
pub(in crate::net) fn may_share(shared: bool) -> Result<(), SocketError> {
    if shared {
        return Err(not_offered(
            "sharing a port among sockets (reuse_port)",
            "serve one socket with several threads, on a completion port",
        ));
    }
    Ok(())
}

/// Lets others have its port: callers asked [`may_share`] before.
pub(in crate::net) fn share(_: BorrowedSocket<'_>, on: bool) -> io::Result<()> {
    may_share(on).map_err(io::Error::from)
}

/// Before a socket is bound: nobody else may have its port.
pub(in crate::net) fn before_binding(socket: BorrowedSocket<'_>, shared: bool) -> io::Result<()> {
    may_share(shared)?;
    option::set_switch(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, true)
}

/// The same for a listener. Old connections that linger do not keep its address on Windows.
pub(in crate::net) fn before_listening(socket: BorrowedSocket<'_>, shared: bool) -> io::Result<()> {
    before_binding(socket, shared)
}

/// Has receives not fail because of datagrams that were sent before: what every socket of UDP needs here, wherever it
/// was made.
pub(in crate::net) fn adopt(made: &OwnedSocket) {
    // A system without the switches cannot be told, and the backends live with what it does.
    let _ = option::ignore_resets(made.as_socket());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{StreamListener, UdpSocket};

    #[test]
    fn what_is_bound_has_its_port_alone() {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let listener = StreamListener::bind("127.0.0.1:0").unwrap();
        for socket in [udp.as_socket(), listener.as_socket()] {
            assert_ne!(option::get::<i32>(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE).unwrap(), 0);
        }
    }

    #[test]
    fn a_long_backlog_is_stated_as_a_hint() {
        assert_eq!([0, 200, 201, 4096, u32::MAX].map(backlog), [0, 200, -201, -4096, -65_535]);
    }
}
