//! monoio as its examples show it, over its io_uring driver: the buffer goes into each call and comes back.

use std::net::{TcpListener, UdpSocket};

use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::{IoUringDriver, RuntimeBuilder};
use ringport_stand::Failure;
use ringport_stand::part::SLICE;
use ringport_stand::streams::ROOM;

use crate::load::Load;
use crate::peer::{Maker, Peer};
use crate::receiver::see;

pub(super) struct Monoio;

impl Peer for Monoio {
    fn name(&self) -> &'static str {
        "monoio"
    }

    fn how(&self) -> &'static str {
        "io_uring driver: recv_from and send_to, one datagram a call"
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["monoio"]
    }

    fn meets(&self, _: Load) -> bool {
        true
    }

    fn obstacle(&self) -> Option<String> {
        super::without_io_uring(self)
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        RuntimeBuilder::<IoUringDriver>::new().build()?.block_on(async {
            let socket = monoio::net::udp::UdpSocket::from_std(socket)?;
            let mut room = Vec::with_capacity(SLICE);
            loop {
                let (received, back) = socket.recv_from(room).await;
                let (_, peer) = received?;
                room = back;
                see(&room, peer);
                room.clear();
            }
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        RuntimeBuilder::<IoUringDriver>::new().build()?.block_on(async {
            let socket = monoio::net::udp::UdpSocket::from_std(socket)?;
            let mut room = Vec::with_capacity(SLICE);
            loop {
                let (received, back) = socket.recv_from(room).await;
                let (_, peer) = received?;
                let (sent, back) = socket.send_to(back, peer).await;
                sent?;
                room = back;
                room.clear();
            }
        })
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        RuntimeBuilder::<IoUringDriver>::new().build()?.block_on(async {
            let listener = monoio::net::TcpListener::from_std(listener)?;
            loop {
                let (mut stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                monoio::spawn(async move {
                    let mut room = Vec::with_capacity(ROOM);
                    loop {
                        let (received, back) = stream.read(room).await;
                        if !matches!(received, Ok(1..)) {
                            return;
                        }
                        let (sent, back) = stream.write_all(back).await;
                        if sent.is_err() {
                            return;
                        }
                        room = back;
                        room.clear();
                    }
                });
            }
        })
    }
}
