//! A connection with its queues, and a plain socket at its other end.
//!
//! ```text
//!   peer (plain socket) ◄──► rig.socket ──► rig.requests ──► rig.queue ──► rig.take(n)
//! ```

use std::net::TcpStream;
use std::time::Instant;

use ringport::queue::Polled;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Limits, Lock, RequestQueue,
    StreamSocket,
};

use crate::common::PATIENCE;
pub(crate) use crate::connection::connection;

pub(crate) const SLICE: usize = 16;

pub(crate) struct Rig {
    pub(crate) requests: RequestQueue<StreamSocket>,
    pub(crate) queue: CompletionQueue<Polled>,
    pub(crate) pool: BufferPool,
    pub(crate) socket: StreamSocket,
    pub(crate) peer: TcpStream,
}

pub(crate) const LIMITS: Limits = Limits { receives: 8, receive_buffers: 8, sends: 8, send_buffers: 64 };

pub(crate) fn pool(slices: usize) -> BufferPool {
    let pool = BufferPool::builder().slice_size(SLICE).slices_per_region(slices).regions(1..=1);
    pool.lock(Lock::Off).build().unwrap()
}

pub(crate) fn queue(choice: BackendChoice) -> CompletionQueue<Polled> {
    CompletionQueue::builder(64).backend(choice).polled().unwrap()
}

pub(crate) fn rig(choice: BackendChoice) -> Rig {
    let (socket, peer) = connection();
    let queue = queue(choice);
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 7).unwrap();
    Rig { requests, queue, pool: pool(64), socket, peer }
}

impl Rig {
    /// Waits for so many completions.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Completion> {
        take(&mut self.queue, count)
    }

    /// Looks several times, and finds that nothing completes.
    pub(crate) fn none(&mut self) {
        none(&mut self.queue);
    }
}

pub(crate) fn take(queue: &mut CompletionQueue<Polled>, count: usize) -> Vec<Completion> {
    let mut completions = Completions::with_capacity(count);
    let start = Instant::now();
    while completions.len() < count {
        queue.dequeue(&mut completions);
        assert!(start.elapsed() < PATIENCE, "{} of {count} completed", completions.len());
        std::thread::yield_now();
    }
    completions.drain().collect()
}

pub(crate) fn none(queue: &mut CompletionQueue<Polled>) {
    let mut completions = Completions::with_capacity(8);
    for _ in 0..100 {
        queue.dequeue(&mut completions);
        std::thread::yield_now();
    }
    assert!(completions.is_empty(), "{completions:?}");
}

/// The bytes of a received slice.
pub(crate) fn bytes(completion: Completion) -> Vec<u8> {
    assert_eq!(completion.socket_context(), 7);
    completion.into_unique().map(|buffer| buffer.to_vec()).unwrap_or_default()
}
