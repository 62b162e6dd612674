//! `recvfrom` that blocks, by way of the standard library.

use std::net::UdpSocket;

use ringport_stand::part::{SLICE, consume, ready};

use crate::Failure;

pub(super) fn run(socket: &UdpSocket) -> Result<(), Failure> {
    ready(socket.local_addr()?)?;
    let mut buffer = vec![0; SLICE];
    loop {
        let (bytes, peer) = socket.recv_from(&mut buffer)?;
        consume(0, buffer.get(..bytes).unwrap_or_default(), peer);
    }
}
