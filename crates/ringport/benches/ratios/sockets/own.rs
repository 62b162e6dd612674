//! Queues drained by their own thread, one after the other where there are several.

use std::net::SocketAddr;

use ringport::queue::Polled;
use ringport::{BackendChoice, BufferPool, CompletionQueue, Completions, Limits, RequestQueue};

use super::load::Load;
use super::receiver::{Each, Receiver, SLICE, bind};
use crate::Failure;

/// See the module. Request queues go before the queues they are on.
pub(super) struct Own {
    requests: Vec<RequestQueue>,
    queues: Vec<CompletionQueue<Polled>>,
    completions: Completions,
    turn: usize,
}

impl Own {
    pub(super) fn new(load: &Load, backend: BackendChoice, batch: usize) -> Result<Own, Failure> {
        let size = load.slices();
        let queue = |_| CompletionQueue::builder(size).backend(backend).polled();
        let mut queues = (0..load.queues).map(queue).collect::<Result<Vec<_>, _>>()?;
        let pool = BufferPool::builder().slice_size(SLICE).slices_per_region(size).regions(1..=1).build()?;
        let mut requests = Vec::with_capacity(load.sockets);
        for (index, socket) in bind(load)?.into_iter().enumerate() {
            let pending = load.pending(index);
            let limits = Limits { receives: pending as u32, receive_buffers: 1, sends: 0, send_buffers: 1 };
            let queue = queues.get(index % load.queues).ok_or("there is no queue")?;
            let one =
                RequestQueue::new(&ringport::UdpSocket::from(socket), queue, queue, limits, index as u64)?;
            for _ in 0..pending {
                one.receive_from(pool.take()?, 0)?;
            }
            requests.push(one);
        }
        let mut completions = Completions::with_capacity(batch);
        // What is posted reaches the kernel before the first fill.
        for queue in &mut queues {
            queue.dequeue(&mut completions);
        }
        Ok(Own { requests, queues, completions, turn: 0 })
    }
}

impl Receiver for Own {
    fn dequeue(&mut self, each: Each<'_>) -> Result<usize, Failure> {
        let turn = self.turn;
        self.turn = (turn + 1) % self.queues.len();
        let Some(queue) = self.queues.get_mut(turn) else { return Ok(0) };
        let found = queue.dequeue(&mut self.completions);
        for completion in self.completions.drain() {
            let socket = completion.socket_context() as usize;
            std::hint::black_box(completion.peer());
            if let (Some(buffer), Some(requests)) = (completion.into_unique(), self.requests.get(socket)) {
                requests.receive_from(buffer, 0)?;
            }
            each(socket)?;
        }
        Ok(found)
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.requests.iter().filter_map(|requests| requests.socket().local_addr().ok()).collect()
    }
}
