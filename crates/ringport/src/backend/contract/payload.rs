//! What a request carries: its bytes, whatever number of slices they lie in, and what the pool is told of those.

use crate::memory::{Buffer, BufferMut, Chain, ChainMut, Received, Use};
use crate::net::StreamSocket;

/// The slices a request owns, in whichever form they came.
#[derive(Debug)]
pub(crate) enum Payload {
    Unique(BufferMut),
    Shared(Buffer),
    ChainMut(ChainMut),
    Chain(Chain),
    /// A connection that was accepted.
    Stream(StreamSocket),
    /// The user took it out, or there never was one.
    None,
}

impl Payload {
    /// Marks the slices for the pool's figures.
    pub(crate) fn mark(&self, to: Use) {
        match self {
            Payload::Unique(buffer) => buffer.set_use(to),
            Payload::ChainMut(chain) => chain.buffers().iter().for_each(|buffer| buffer.set_use(to)),
            Payload::Shared(buffer) => mark_shared(buffer, to),
            Payload::Chain(chain) => chain.buffers().iter().for_each(|buffer| mark_shared(buffer, to)),
            Payload::Stream(_) | Payload::None => {}
        }
    }

    /// Visits the bytes of a send, slice by slice, as long as `visit` asks for more; false when it did not.
    pub(crate) fn each_slice<'payload>(
        &'payload self,
        mut visit: impl FnMut(&'payload [u8]) -> bool,
    ) -> bool {
        match self {
            Payload::Unique(buffer) => visit(buffer),
            Payload::Shared(buffer) => visit(buffer),
            Payload::ChainMut(chain) => chain.buffers().iter().all(|buffer| visit(buffer)),
            Payload::Chain(chain) => chain.buffers().iter().all(|buffer| visit(buffer)),
            Payload::Stream(_) | Payload::None => true,
        }
    }

    /// The bytes of a send.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Payload::Unique(buffer) => buffer.len(),
            Payload::Shared(buffer) => buffer.len(),
            _ => {
                let mut length = 0;
                self.each_slice(|bytes| {
                    length += bytes.len();
                    true
                });
                length
            }
        }
    }

    /// Marks how far the slices of a receive were filled.
    pub(crate) fn set_filled(&mut self, bytes: u32) {
        match self {
            Payload::Unique(buffer) => buffer.set_received(bytes, Received::default()),
            Payload::ChainMut(chain) => _ = spread(chain, bytes, Received::default()),
            _ => {}
        }
    }
}

fn mark_shared(buffer: &Buffer, to: Use) {
    match to {
        Use::Sending => buffer.begin_send(),
        _ => buffer.end_send(),
    }
}

/// Marks how far each slice of a chain was filled; returns how many bytes it holds.
pub(crate) fn spread(chain: &mut ChainMut, bytes: u32, received: Received) -> u32 {
    let mut left = bytes;
    for (index, buffer) in chain.buffers_mut().iter_mut().enumerate() {
        let filled = left.min(buffer.capacity() as u32);
        let received = if index == 0 { received } else { Received::default() };
        buffer.set_received(filled, received);
        left -= filled;
    }
    bytes - left
}
