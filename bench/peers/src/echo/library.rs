//! The library's server in its default design.

use std::net::UdpSocket;

use ringport::{BackendChoice, Design, UdpServer};
use ringport_stand::part::ready;

use crate::Failure;

pub(super) fn run(socket: UdpSocket, buffer: usize, backend: BackendChoice) -> Result<(), Failure> {
    let server = UdpServer::from_socket(socket.into())?.socket_buffer(buffer).backend(backend);
    let server = server.design(Design::EventPolled);
    ready(server.local_addr())?;
    server.run(|datagram| datagram.reply())?;
    Ok(())
}
