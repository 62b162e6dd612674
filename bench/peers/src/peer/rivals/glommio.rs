//! glommio as its examples show it. It tries each call at once and takes the ring when there is nothing.

use std::net::{TcpListener, UdpSocket};
use std::os::fd::{FromRawFd, IntoRawFd};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};
use ringport_stand::Failure;
use ringport_stand::part::SLICE;
use ringport_stand::streams::ROOM;

use crate::load::Load;
use crate::peer::{Maker, Peer};
use crate::receiver::see;

pub(super) struct Glommio;

/// An executor on this thread, which the stand has placed already.
fn executor() -> Result<LocalExecutor, Failure> {
    Ok(LocalExecutorBuilder::new(Placement::Unbound).make().map_err(|error| error.to_string())?)
}

/// The socket as glommio's own: there is no other way in for one that exists.
fn adopt(socket: UdpSocket) -> glommio::net::UdpSocket {
    // SAFETY: the descriptor is a socket's and nobody else has it any more.
    unsafe { glommio::net::UdpSocket::from_raw_fd(socket.into_raw_fd()) }
}

impl Peer for Glommio {
    fn name(&self) -> &'static str {
        "glommio"
    }

    fn how(&self) -> &'static str {
        "recv_from and send_to, one datagram a call"
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["glommio"]
    }

    fn meets(&self, _: Load) -> bool {
        true
    }

    fn obstacle(&self) -> Option<String> {
        executor().err().map(|error| error.to_string())
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        executor()?.run(async {
            let socket = adopt(socket);
            let mut room = vec![0; SLICE];
            loop {
                let (bytes, peer) = socket.recv_from(&mut room).await.map_err(|error| error.to_string())?;
                see(room.get(..bytes).unwrap_or_default(), peer);
            }
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        executor()?.run(async {
            let socket = adopt(socket);
            let mut room = vec![0; SLICE];
            loop {
                let (bytes, peer) = socket.recv_from(&mut room).await.map_err(|error| error.to_string())?;
                let payload = room.get(..bytes).unwrap_or_default();
                socket.send_to(payload, peer).await.map_err(|error| error.to_string())?;
            }
        })
    }

    fn streams(&self, listener: TcpListener) -> Result<(), Failure> {
        executor()?.run(async {
            // SAFETY: the descriptor is a listener's and nobody else has it any more.
            let listener = unsafe { glommio::net::TcpListener::from_raw_fd(listener.into_raw_fd()) };
            loop {
                let mut stream = listener.accept().await.map_err(|error| error.to_string())?;
                stream.set_nodelay(true).map_err(|error| error.to_string())?;
                glommio::spawn_local(async move {
                    let mut room = vec![0; ROOM];
                    while let Ok(bytes @ 1..) = stream.read(&mut room).await {
                        if stream.write_all(room.get(..bytes).unwrap_or_default()).await.is_err() {
                            return;
                        }
                    }
                })
                .detach();
            }
        })
    }
}
