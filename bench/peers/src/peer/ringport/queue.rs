//! An event queue as the library's documentation shows it, each slice posted again after a look.

use std::net::UdpSocket;

use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Status};
use ringport_stand::Failure;
use ringport_stand::part::SLICE;

use super::Ringport;
use crate::receiver::see;

/// Receives kept posted, and completions taken at a time.
const PENDING: u32 = 1024;
const MAX_RESULTS: usize = 256;

pub(super) fn receive(socket: UdpSocket, peer: &Ringport) -> Result<(), Failure> {
    let pending = PENDING as usize;
    let mut queue = CompletionQueue::builder(pending).backend(peer.backend).waiting(peer.waiting).event()?;
    let limits = Limits { receives: PENDING, receive_buffers: 1, sends: 0, send_buffers: 1 };
    let socket = ringport::UdpSocket::from(socket);
    let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    let pool = BufferPool::builder().slice_size(SLICE).slices_per_region(pending).regions(1..=1).build()?;
    for token in 0..u64::from(PENDING) {
        requests.receive_from(pool.take()?, token)?;
    }
    let mut completions = Completions::with_capacity(MAX_RESULTS);
    loop {
        queue.notify()?;
        queue.wait(None)?;
        queue.dequeue(&mut completions);
        for completion in completions.drain() {
            let token = completion.token();
            if let (Status::Success, Some(peer)) = (completion.status(), completion.peer()) {
                see(completion.buffer().map_or(&[], |buffer| &buffer[..]), peer);
            }
            if let Some(buffer) = completion.into_unique() {
                requests.receive_from(buffer, token)?;
            }
        }
    }
}
