//! monoio as its examples show it, over its io_uring driver: the buffer goes into each call and comes back.
//!
//! One loop has one call under way. Several tasks on the socket cost more where a request comes at a time, and less where
//! many do, so both are measured.

use std::net::{TcpListener, UdpSocket};
use std::rc::Rc;

use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::udp;
use monoio::{IoUringDriver, RuntimeBuilder};
use ringport_stand::Failure;
use ringport_stand::part::SLICE;
use ringport_stand::streams::ROOM;

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

/// Tasks on one socket: enough that calls go to the kernel together, and no more than wake each other for nothing.
const TASKS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Monoio {
    /// One loop.
    Single,
    /// The same loop in several tasks.
    Tasks,
}

impl Monoio {
    /// Tasks beside the first one.
    fn others(self) -> usize {
        if self == Monoio::Tasks { TASKS - 1 } else { 0 }
    }
}

async fn receive(socket: Rc<udp::UdpSocket>) -> Result<(), Failure> {
    let mut room = Vec::with_capacity(SLICE);
    loop {
        let (received, back) = socket.recv_from(room).await;
        let (_, peer) = received?;
        room = back;
        see(&room, peer);
        room.clear();
    }
}

async fn echo(socket: Rc<udp::UdpSocket>) -> Result<(), Failure> {
    let mut room = Vec::with_capacity(SLICE);
    loop {
        let (received, back) = socket.recv_from(room).await;
        let (_, peer) = received?;
        let (sent, back) = socket.send_to(back, peer).await;
        sent?;
        room = back;
        room.clear();
    }
}

impl Peer for Monoio {
    fn name(&self) -> &'static str {
        match self {
            Monoio::Single => "monoio",
            Monoio::Tasks => "monoio-tasks",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Monoio::Single => "io_uring driver: recv_from and send_to, one datagram a call",
            Monoio::Tasks => "the same in 16 tasks, whose calls go to the kernel together",
        }
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["monoio"]
    }

    fn meets(&self, load: Load) -> bool {
        load.work() != Work::Streams || *self == Monoio::Single
    }

    fn obstacle(&self) -> Option<String> {
        super::without_io_uring()
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        RuntimeBuilder::<IoUringDriver>::new().build()?.block_on(async {
            let socket = Rc::new(udp::UdpSocket::from_std(socket)?);
            for _ in 0..self.others() {
                monoio::spawn(receive(socket.clone()));
            }
            receive(socket).await
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        RuntimeBuilder::<IoUringDriver>::new().build()?.block_on(async {
            let socket = Rc::new(udp::UdpSocket::from_std(socket)?);
            for _ in 0..self.others() {
                monoio::spawn(echo(socket.clone()));
            }
            echo(socket).await
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
