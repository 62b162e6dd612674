//! Connections of the library's sockets with plain ones.

use std::net::{TcpListener, TcpStream};

use ringport::StreamSocket;

use crate::common::PATIENCE;

/// Both ends of a connection over loopback. What the plain one reads and writes ends after a time.
pub(crate) fn connection() -> (StreamSocket, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::connect(listener.local_addr().unwrap()).unwrap();
    (socket, patient(listener.accept().unwrap().0))
}

/// A plain socket whose calls end after a time.
pub(crate) fn patient(socket: TcpStream) -> TcpStream {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket
}
