//! Listeners and connections on a port.

use std::net::{TcpListener, TcpStream};

use ringport::net::Domain;
use ringport::port::{PortTcpListener, PortTcpStream};

use super::Port;

pub(in crate::completion_port) fn listener(port: &Port, key: u64) -> PortTcpListener {
    port.inner.associate_listener(TcpListener::bind("127.0.0.1:0").unwrap(), key).unwrap()
}

/// One that is not connected yet.
pub(in crate::completion_port) fn stream(port: &Port, key: u64) -> PortTcpStream {
    port.inner.stream(Domain::V4, key).unwrap()
}

pub(in crate::completion_port) fn associate(port: &Port, stream: TcpStream, key: u64) -> PortTcpStream {
    port.inner.associate_stream(stream, key).unwrap()
}
