//! tokio as an expert uses it: the runtime only says when there is something, `recvmmsg` and `sendmmsg` do the rest.
//!
//! [`UdpSocket::async_io`] is what tokio offers for system calls that it does not know. Receive offload is on, and what
//! a batch brought goes back as one segmented message a peer.

use std::net::UdpSocket;

use ringport_stand::Failure;
use ringport_stand::batch::Batch;
use ringport_stand::replies::Replies;
use tokio::io::Interest;
use tokio::runtime::Builder;

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

pub(super) struct AsyncIo;

impl Peer for AsyncIo {
    fn name(&self) -> &'static str {
        "tokio-async-io"
    }

    fn how(&self) -> &'static str {
        "async_io, recvmmsg with GRO, sendmmsg with GSO"
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["tokio", "mio"]
    }

    fn meets(&self, load: Load) -> bool {
        load.work() != Work::Streams
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        let mut batch = Batch::with_offload(&socket)?;
        socket.set_nonblocking(true)?;
        Builder::new_current_thread().enable_io().build()?.block_on(async {
            let socket = tokio::net::UdpSocket::from_std(socket)?;
            loop {
                socket.async_io(Interest::READABLE, || batch.try_receive(&socket)).await?;
                batch.each(see);
            }
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        let (mut batch, mut replies) = (Batch::with_offload(&socket)?, Replies::new(true));
        socket.set_nonblocking(true)?;
        Builder::new_current_thread().enable_io().build()?.block_on(async {
            let socket = tokio::net::UdpSocket::from_std(socket)?;
            loop {
                socket.async_io(Interest::READABLE, || batch.try_receive(&socket)).await?;
                let mut prepared = replies.to(batch.runs());
                socket.async_io(Interest::WRITABLE, || prepared.send(&socket)).await?;
            }
        })
    }
}
