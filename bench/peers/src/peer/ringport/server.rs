//! The library's server in its default design: a handler, and nothing else.

use std::net::UdpSocket;

use ringport::UdpServer;
use ringport_stand::Failure;
use ringport_stand::part::granted;

use super::{Face, Ringport};
use crate::receiver::see;

pub(super) fn receive(socket: UdpSocket, peer: &Ringport) -> Result<(), Failure> {
    server(socket, peer)?.run(|datagram| see(datagram.payload(), datagram.peer()))?;
    Ok(())
}

pub(super) fn echo(socket: UdpSocket, peer: &Ringport) -> Result<(), Failure> {
    server(socket, peer)?.run(|datagram| datagram.reply())?;
    Ok(())
}

fn server(socket: UdpSocket, peer: &Ringport) -> Result<UdpServer, Failure> {
    // The system grants twice of what is asked for.
    let buffer = granted(&socket)? / 2;
    let server = UdpServer::from_socket(socket.into())?.socket_buffer(buffer);
    let server = server.backend(peer.backend).waiting(peer.waiting);
    Ok(if peer.face == Face::Single { server.receive_offload(false) } else { server })
}
