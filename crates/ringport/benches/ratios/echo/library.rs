//! An echo server on an event queue: dequeue until nothing is there, arm, sleep.

use std::net::UdpSocket;

use ringport::{
    BackendChoice, BufferPool, CompletionQueue, Completions, Limits, Operation, RequestQueue, Send,
};

use super::END;
use crate::Failure;

const RECEIVES: u32 = 64;

/// Over io_uring.
pub(super) fn uring(socket: UdpSocket) -> Result<(), Failure> {
    serve(socket, BackendChoice::Uring)
}

/// Over epoll.
pub(super) fn epoll(socket: UdpSocket) -> Result<(), Failure> {
    serve(socket, BackendChoice::Epoll)
}

fn serve(socket: UdpSocket, backend: BackendChoice) -> Result<(), Failure> {
    let limits = Limits { receives: RECEIVES, receive_buffers: 1, sends: RECEIVES, send_buffers: 1 };
    let mut queue = CompletionQueue::builder(2 * RECEIVES as usize).backend(backend).event()?;
    let requests = RequestQueue::new(&ringport::UdpSocket::from(socket), &queue, &queue, limits, 0)?;
    let pool = BufferPool::builder().slices_per_region(3 * RECEIVES as usize).regions(1..=1).build()?;
    for _ in 0..RECEIVES {
        requests.receive_from(pool.take()?, 0)?;
    }
    let mut completions = Completions::with_capacity(RECEIVES as usize);
    loop {
        queue.notify()?;
        queue.wait(None)?;
        while queue.dequeue(&mut completions) > 0 {
            for completion in completions.drain() {
                if completion.operation() == Operation::Send {
                    continue;
                }
                if completion.bytes() == END {
                    return Ok(());
                }
                let Some(peer) = completion.peer() else { continue };
                if let Some(buffer) = completion.into_unique() {
                    // Nobody waits for the end of the send: it must not wake this thread.
                    requests.send_with(buffer, Send::new().to(peer).dont_notify(), 0)?;
                }
                requests.receive_from(pool.take()?, 0)?;
            }
        }
    }
}
