//! tokio as its documentation shows it, on the runtime that keeps to one thread: a loop over `recv_from`, and a task a
//! connection.

use std::net::{TcpListener, UdpSocket};

use ringport_stand::Failure;
use ringport_stand::part::SLICE;
use tokio::runtime::Builder;

use super::{Maker, Peer};
use crate::load::Load;
use crate::receiver::see;

pub(super) struct Tokio;

impl Peer for Tokio {
    fn name(&self) -> &'static str {
        "tokio"
    }

    fn how(&self) -> &'static str {
        "recv_from, one datagram a call; a task a connection"
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["tokio", "mio"]
    }

    fn meets(&self, _: Load) -> bool {
        true
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        serve(socket, async |socket| {
            let mut room = vec![0; SLICE];
            loop {
                let (bytes, peer) = socket.recv_from(&mut room).await?;
                see(room.get(..bytes).unwrap_or_default(), peer);
            }
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        serve(socket, async |socket| {
            let mut room = vec![0; SLICE];
            loop {
                let (bytes, peer) = socket.recv_from(&mut room).await?;
                socket.send_to(room.get(..bytes).unwrap_or_default(), peer).await?;
            }
        })
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        ringport_stand::streams::tokio::run(listener)
    }
}

/// The runtime with nothing but what the work needs.
fn serve(
    socket: UdpSocket,
    work: impl AsyncFnOnce(tokio::net::UdpSocket) -> Result<(), Failure>,
) -> Result<(), Failure> {
    socket.set_nonblocking(true)?;
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async { work(tokio::net::UdpSocket::from_std(socket)?).await })
}
