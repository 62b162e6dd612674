//! tokio as its documentation shows it.

use std::net::UdpSocket;

use ringport_stand::part::{SLICE, ready};
use tokio::runtime::Builder;

use crate::Failure;

pub(super) fn run(socket: UdpSocket) -> Result<(), Failure> {
    socket.set_nonblocking(true)?;
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        ready(socket.local_addr()?)?;
        let mut buffer = vec![0; SLICE];
        loop {
            let (bytes, peer) = socket.recv_from(&mut buffer).await?;
            socket.send_to(buffer.get(..bytes).unwrap_or_default(), peer).await?;
        }
    })
}
