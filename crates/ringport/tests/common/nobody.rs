//! Addresses at which nobody listens, for as long as a test likes.
//!
//! A port that a test only lets go may be another test's at once, and that one would get what is sent here. So the port
//! is kept, by a socket that takes nothing.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use super::until::PATIENCE;

/// A UDP socket that takes nothing: whoever sends to it is told that nobody listens.
pub(crate) fn deaf() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    deafen(&socket);
    socket
}

/// Has a UDP socket take nothing more: it hears itself alone, until it is connected to somebody else.
pub(crate) fn deafen(socket: &UdpSocket) {
    socket.connect(socket.local_addr().unwrap()).unwrap();
}

/// An address at which no TCP socket listens while this one, which is bound, does not.
pub(crate) fn nobody() -> (socket2::Socket, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}
