//! The library's server in one of its designs, with its defaults but for receive offload, which those by hand do without.

use std::net::UdpSocket;

use ringport::{Design, UdpServer};
use ringport_stand::part::{consume, ready};

use crate::Failure;
use crate::options::Receiver;

pub(super) fn run(socket: UdpSocket, design: Design, options: &Receiver) -> Result<(), Failure> {
    // By hand nobody has it here: what is compared is how a queue moves.
    let server = UdpServer::from_socket(socket.into())?.receive_offload(false);
    let server = server.socket_buffer(options.socket_buffer).design(design).threads(options.threads);
    ready(server.local_addr())?;
    server.run_with(|thread| {
        move |datagram: ringport::Datagram<'_>| consume(thread, datagram.payload(), datagram.peer())
    })?;
    Ok(())
}
