//! The library: a polled queue, every slice posted again as soon as its datagram was looked at.

use std::net::{SocketAddr, UdpSocket};

use ringport::queue::Polled;
use ringport::{BackendChoice, BufferPool, CompletionQueue, Completions, Limits, RequestQueue};

use super::candidate::{Drain, Names, Patience, SLICE, consume};
use crate::Failure;

/// See the module.
pub(crate) struct Library {
    queue: CompletionQueue<Polled>,
    requests: RequestQueue,
    completions: Completions,
    names: Names,
}

impl Library {
    /// Posts `pending` receives on `socket`.
    pub(crate) fn new(
        socket: UdpSocket,
        backend: BackendChoice,
        names: Names,
        pending: usize,
        batch: usize,
    ) -> Result<Library, Failure> {
        let queue = CompletionQueue::builder(pending).backend(backend).polled()?;
        let limits = Limits { receives: pending as u32, receive_buffers: 1, sends: 0, send_buffers: 1 };
        let requests = RequestQueue::new(&ringport::UdpSocket::from(socket), &queue, &queue, limits, 0)?;
        let pool =
            BufferPool::builder().slice_size(SLICE).slices_per_region(pending).regions(1..=1).build()?;
        for token in 0..pending as u64 {
            match names {
                Names::Wanted => requests.receive_from(pool.take()?, token)?,
                Names::Known => requests.receive(pool.take()?, token)?,
            }
        }
        let completions = Completions::with_capacity(batch);
        let mut library = Library { queue, requests, completions, names };
        // The receive request reaches the kernel before the first fill, as in the loop written by hand.
        library.queue.dequeue(&mut library.completions);
        Ok(library)
    }

    /// Receives `want` datagrams that are there; `look` sees each and `post` posts its slice again.
    pub(crate) fn drain_with(
        &mut self,
        want: usize,
        look: impl Fn(&ringport::Completion),
        post: impl Fn(&RequestQueue, ringport::BufferMut, u64) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut left = want;
        let mut patience = Patience::default();
        while left > 0 {
            let found = self.queue.dequeue(&mut self.completions);
            patience.look(found)?;
            left -= found.min(left);
            for completion in self.completions.drain() {
                look(&completion);
                let token = completion.token();
                if let Some(buffer) = completion.into_unique() {
                    post(&self.requests, buffer, token)?;
                }
            }
        }
        Ok(())
    }
}

impl Drain for Library {
    fn drain(&mut self, want: usize) -> Result<(), Failure> {
        match self.names {
            Names::Wanted => self.drain_with(
                want,
                |completion| {
                    let (port, host) = match completion.peer() {
                        Some(SocketAddr::V4(peer)) => (peer.port(), peer.ip().to_bits()),
                        _ => (0, 0),
                    };
                    see(completion, port, host);
                },
                |requests, buffer, token| Ok(requests.receive_from(buffer, token)?),
            ),
            Names::Known => self.drain_with(
                want,
                |completion| see(completion, 0, 0),
                |requests, buffer, token| Ok(requests.receive(buffer, token)?),
            ),
        }
    }
}

#[inline(always)]
fn see(completion: &ringport::Completion, port: u16, host: u32) {
    if let Some(buffer) = completion.buffer() {
        consume(port, host, buffer.as_ptr(), completion.bytes());
    }
}
