//! The library: an event queue as its documentation shows it, each slice posted again after a look.

use std::net::UdpSocket;

use ringport::{BackendChoice, BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Status, Waiting};
use ringport_stand::part::{SLICE, consume, ready};

use crate::Failure;

/// Receives kept posted, and completions taken at a time: what the library's servers use by default.
pub(crate) const PENDING: u32 = 1024;
pub(crate) const MAX_RESULTS: usize = 256;

pub(super) fn run(socket: UdpSocket, backend: BackendChoice, waiting: Waiting) -> Result<(), Failure> {
    let pending = PENDING as usize;
    let mut queue = CompletionQueue::builder(pending).backend(backend).waiting(waiting).event()?;
    let limits = Limits { receives: PENDING, receive_buffers: 1, sends: 0, send_buffers: 1 };
    let socket = ringport::UdpSocket::from(socket);
    let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    let pool = BufferPool::builder().slice_size(SLICE).slices_per_region(pending).regions(1..=1).build()?;
    for token in 0..u64::from(PENDING) {
        requests.receive_from(pool.take()?, token)?;
    }
    let mut completions = Completions::with_capacity(MAX_RESULTS);
    ready(socket.local_addr()?)?;
    loop {
        queue.notify()?;
        queue.wait(None)?;
        queue.dequeue(&mut completions);
        for completion in completions.drain() {
            let token = completion.token();
            if let (Status::Success, Some(peer)) = (completion.status(), completion.peer()) {
                consume(0, completion.buffer().map_or(&[], |buffer| &buffer[..]), peer);
            }
            if let Some(buffer) = completion.into_unique() {
                requests.receive_from(buffer, token)?;
            }
        }
    }
}
