//! compio as its documentation shows it, over io_uring: the buffer goes into each call and comes back; or multishot, where
//! one request brings datagrams in buffers that the kernel chose out of the runtime's pool.
//!
//! One loop has one call under way. Several tasks on the socket cost more where a request comes at a time, and less where
//! many do, so both are measured.
//!
//! The pool has eight buffers unless told otherwise, which a burst uses up at once. It is given as many as the library
//! has, each with room for what the kernel puts before the payload.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroU16;
use std::pin::pin;

use compio::buf::{IntoInner, IoBuf};
use compio::driver::ProactorBuilder;
use compio::driver::op::RecvFromMultiResult;
use compio::io::{AsyncRead, AsyncWriteExt};
use compio::runtime::{Runtime, spawn};
use futures_lite::StreamExt;
use ringport_stand::Failure;
use ringport_stand::part::SLICE;
use ringport_stand::streams::ROOM;

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

/// Buffers of the pool.
const BUFFERS: NonZeroU16 = NonZeroU16::new(1024).unwrap();
/// A header of 16 bytes and an address of any family.
const BEFORE: usize = 16 + size_of::<libc::sockaddr_storage>();

/// Tasks on one socket: enough that calls go to the kernel together, and no more than wake each other for nothing.
const TASKS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compio {
    /// One loop.
    Single,
    /// The same loop in several tasks.
    Tasks,
    Multishot,
}

/// A runtime of one thread, whose ring knows that it is one.
fn runtime() -> Result<Runtime, Failure> {
    let mut driver = ProactorBuilder::new();
    driver.single_issuer(true).defer_taskrun(true).taskrun_flag(true);
    driver.buffer_pool_size(BUFFERS).buffer_pool_buffer_len(SLICE + BEFORE);
    Ok(Runtime::builder().with_proactor(driver).build()?)
}

async fn receive(socket: compio::net::UdpSocket) -> Result<(), Failure> {
    let mut room = Vec::with_capacity(SLICE);
    loop {
        let (received, back) = socket.recv_from(room).await.into();
        let (_, peer) = received?;
        room = back;
        see(&room, peer);
        room.clear();
    }
}

async fn echo(socket: compio::net::UdpSocket) -> Result<(), Failure> {
    let mut room = Vec::with_capacity(SLICE);
    loop {
        let (received, back) = socket.recv_from(room).await.into();
        let (_, peer) = received?;
        let (sent, back) = socket.send_to(back, peer).await.into();
        sent?;
        room = back;
        room.clear();
    }
}

/// Hands every datagram to `take`. A request ends when no buffer is left; by then some are free again for the next one.
async fn multishot(
    socket: &compio::net::UdpSocket,
    take: impl Fn(RecvFromMultiResult, SocketAddr),
) -> Result<(), Failure> {
    loop {
        let mut datagrams = pin!(socket.recv_from_multi());
        while let Some(datagram) = datagrams.next().await {
            let datagram = match datagram {
                Err(error) if error.kind() == ErrorKind::ResourceBusy => break,
                datagram => datagram?,
            };
            if let Some(peer) = datagram.addr().and_then(|address| address.as_socket()) {
                take(datagram, peer);
            }
        }
    }
}

/// Sends a datagram back out of the buffer it came in.
async fn reply(socket: compio::net::UdpSocket, datagram: RecvFromMultiResult, peer: SocketAddr) {
    let bytes = datagram.data().len();
    let buffer = datagram.into_inner();
    let payload = buffer.buf_len() - bytes;
    // A peer that is gone is no reason to stop.
    let _ = socket.send_to(buffer.slice(payload..), peer).await;
}

impl Compio {
    /// Tasks beside the first one.
    fn others(self) -> usize {
        if self == Compio::Tasks { TASKS - 1 } else { 0 }
    }
}

impl Peer for Compio {
    fn name(&self) -> &'static str {
        match self {
            Compio::Single => "compio",
            Compio::Tasks => "compio-tasks",
            Compio::Multishot => "compio-multishot",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Compio::Single => "recv_from and send_to, one datagram a call",
            Compio::Tasks => "the same in 16 tasks, whose calls go to the kernel together",
            Compio::Multishot => {
                "recv_from_multi into buffers of the runtime's pool, a task a reply out of them"
            }
        }
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["compio", "compio-driver", "compio-net"]
    }

    fn meets(&self, load: Load) -> bool {
        load.work() != Work::Streams || *self == Compio::Single
    }

    fn obstacle(&self) -> Option<String> {
        super::without_io_uring()
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let socket = compio::net::UdpSocket::from_std(socket)?;
            if *self == Compio::Multishot {
                return multishot(&socket, |datagram, peer| see(datagram.data(), peer)).await;
            }
            for _ in 0..self.others() {
                spawn(receive(socket.clone())).detach();
            }
            receive(socket).await
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let socket = compio::net::UdpSocket::from_std(socket)?;
            if *self == Compio::Multishot {
                let reply = |datagram, peer| spawn(reply(socket.clone(), datagram, peer)).detach();
                return multishot(&socket, reply).await;
            }
            for _ in 0..self.others() {
                spawn(echo(socket.clone())).detach();
            }
            echo(socket).await
        })
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let listener = compio::net::TcpListener::from_std(listener)?;
            loop {
                let (mut stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let echo = async move {
                    let mut room = Vec::with_capacity(ROOM);
                    loop {
                        let (received, back) = stream.read(room).await.into();
                        if !matches!(received, Ok(1..)) {
                            return;
                        }
                        let (sent, back) = stream.write_all(back).await.into();
                        if sent.is_err() {
                            return;
                        }
                        room = back;
                        room.clear();
                    }
                };
                spawn(echo).detach();
            }
        })
    }
}
