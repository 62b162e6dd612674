//! `blocking` by hand: every thread calls `recvfrom` on the one socket and sleeps in it.

use std::net::UdpSocket;

use ringport_stand::part::{SLICE, consume};

use super::crew;
use crate::Failure;

pub(crate) fn run(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    crew(&socket, threads, |thread| {
        let mut buffer = vec![0; SLICE];
        loop {
            let (bytes, peer) = socket.recv_from(&mut buffer)?;
            consume(thread, buffer.get(..bytes).unwrap_or_default(), peer);
        }
    })
}
