//! quinn-udp on tokio, as quinn's own endpoint uses it.
//!
//! `recv` fills a batch of buffers, each with the datagrams of one peer as the kernel put them together (`stride` bytes
//! each), and a [`Transmit`] with a segment size sends as many in one call.

use std::array::from_fn;
use std::io::IoSliceMut;
use std::net::UdpSocket;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use ringport_stand::Failure;
use tokio::io::Interest;
use tokio::runtime::Builder;

use crate::load::{Load, Work};
use crate::peer::{Maker, Peer};
use crate::receiver::see;

/// Bytes of the longest datagram that quinn expects unless told otherwise.
const PAYLOAD: usize = 1472;

pub(super) struct QuinnUdp;

impl Peer for QuinnUdp {
    fn name(&self) -> &'static str {
        "quinn-udp"
    }

    fn how(&self) -> &'static str {
        "UdpSocketState on tokio: its batches, GRO, and a Transmit a run"
    }

    fn maker(&self) -> Maker {
        Maker::Other
    }

    fn packages(&self) -> &'static [&'static str] {
        &["quinn-udp", "tokio"]
    }

    fn meets(&self, load: Load) -> bool {
        load.work() != Work::Streams
    }

    fn receive(&self, socket: UdpSocket) -> Result<(), Failure> {
        serve(socket, async |_, _, meta, payload| {
            payload.chunks(meta.stride.max(1)).for_each(|payload| see(payload, meta.addr));
            Ok(())
        })
    }

    fn echo(&self, socket: UdpSocket) -> Result<(), Failure> {
        serve(socket, async |socket, state, meta, payload| {
            let transmit = Transmit {
                destination: meta.addr,
                ecn: meta.ecn,
                contents: payload,
                segment_size: (meta.stride < meta.len).then_some(meta.stride),
                src_ip: meta.dst_ip,
            };
            socket.async_io(Interest::WRITABLE, || state.try_send(socket.into(), &transmit)).await?;
            Ok(())
        })
    }
}

/// Receives, and hands what came together to `take`.
fn serve(
    socket: UdpSocket,
    take: impl AsyncFn(&tokio::net::UdpSocket, &UdpSocketState, &RecvMeta, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        // This sets the socket up: it does not block, and has receive offload, ECN and packet info.
        let state = UdpSocketState::new((&socket).into())?;
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        let room = PAYLOAD * state.gro_segments();
        let mut rooms = vec![0; BATCH_SIZE * room];
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        loop {
            let mut chunks = rooms.chunks_exact_mut(room);
            let mut buffers: [IoSliceMut<'_>; BATCH_SIZE] =
                from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
            let received = socket
                .async_io(Interest::READABLE, || state.recv((&socket).into(), &mut buffers, &mut metas))
                .await?;
            for (meta, bytes) in metas.iter().take(received).zip(rooms.chunks_exact(room)) {
                take(&socket, &state, meta, bytes.get(..meta.len).unwrap_or_default()).await?;
            }
        }
    })
}
