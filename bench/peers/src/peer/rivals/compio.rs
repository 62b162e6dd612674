//! compio as its documentation shows it, over io_uring: the buffer goes into each call and comes back; or multishot, where
//! one request brings datagrams in buffers that the kernel chose out of the runtime's pool.
//!
//! The pool has eight buffers unless told otherwise, which a burst uses up at once. It is given as many as the library
//! has, each with room for what the kernel puts before the payload.

use std::net::{TcpListener, UdpSocket};
use std::num::NonZeroU16;

use compio::buf::{IntoInner, IoBuf};
use compio::driver::ProactorBuilder;
use compio::io::{AsyncRead, AsyncWriteExt};
use compio::runtime::Runtime;
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

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compio {
    Single,
    Multishot,
}

/// A runtime of one thread, whose ring knows that it is one.
fn runtime() -> Result<Runtime, Failure> {
    let mut driver = ProactorBuilder::new();
    driver.single_issuer(true).defer_taskrun(true).taskrun_flag(true);
    driver.buffer_pool_size(BUFFERS).buffer_pool_buffer_len(SLICE + BEFORE);
    Ok(Runtime::builder().with_proactor(driver).build()?)
}

impl Peer for Compio {
    fn name(&self) -> &'static str {
        match self {
            Compio::Single => "compio",
            Compio::Multishot => "compio-multishot",
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Compio::Single => "recv_from and send_to, one datagram a call",
            Compio::Multishot => "recv_from_multi into buffers of the runtime's pool, send_to out of them",
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
        super::without_io_uring(self)
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let socket = compio::net::UdpSocket::from_std(socket)?;
            match self {
                Compio::Single => {
                    let mut room = Vec::with_capacity(SLICE);
                    loop {
                        let (received, back) = socket.recv_from(room).await.into();
                        let (_, peer) = received?;
                        room = back;
                        see(&room, peer);
                        room.clear();
                    }
                }
                Compio::Multishot => loop {
                    let mut datagrams = socket.recv_from_multi();
                    // It ends with an error when no buffer is left; by then some are free again.
                    while let Some(Ok(datagram)) = datagrams.next().await {
                        if let Some(peer) = datagram.addr().and_then(|address| address.as_socket()) {
                            see(datagram.data(), peer);
                        }
                    }
                },
            }
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let socket = compio::net::UdpSocket::from_std(socket)?;
            match self {
                Compio::Single => {
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
                Compio::Multishot => loop {
                    let mut datagrams = socket.recv_from_multi();
                    while let Some(Ok(datagram)) = datagrams.next().await {
                        let Some(peer) = datagram.addr().and_then(|address| address.as_socket()) else {
                            continue;
                        };
                        let bytes = datagram.data().len();
                        let buffer = datagram.into_inner();
                        let payload = buffer.buf_len() - bytes;
                        let (sent, _) = socket.send_to(buffer.slice(payload..), peer).await.into();
                        sent?;
                    }
                },
            }
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
                compio::runtime::spawn(echo).detach();
            }
        })
    }
}
