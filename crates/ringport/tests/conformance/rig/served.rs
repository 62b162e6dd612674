//! The sockets that request queues serve, and how the rig gets them.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use ringport::net::{Domain, RegisteredSocket};
use ringport::{StreamListener, StreamSocket, UdpSocket};

use super::bound;

/// A kind of socket.
pub(crate) trait Served: RegisteredSocket + Send + 'static {
    /// Whether its bytes are one stream.
    const IS_STREAM: bool;
    /// One that nobody asked for.
    fn another() -> Self;
}

impl Served for UdpSocket {
    const IS_STREAM: bool = false;
    fn another() -> UdpSocket {
        bound()
    }
}

impl Served for StreamSocket {
    const IS_STREAM: bool = true;
    fn another() -> StreamSocket {
        StreamSocket::new(Domain::V4).unwrap()
    }
}

impl Served for StreamListener {
    const IS_STREAM: bool = true;
    fn another() -> StreamListener {
        StreamListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
    }
}

/// Both ends of a connection over the loopback interface.
pub(crate) fn connection() -> (StreamSocket, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::connect(listener.local_addr().unwrap()).unwrap();
    (socket, listener.accept().unwrap().0)
}
