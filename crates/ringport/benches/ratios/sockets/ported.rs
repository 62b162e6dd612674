//! Queues on a completion port: a pump of its own feeds each, and one thread takes what they bring.

use std::net::SocketAddr;
use std::time::Duration;

use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, BufferPool, CompletionPort, CompletionQueue, Completions, Limits, Packet, PortRequestQueue,
};

use super::load::Load;
use super::receiver::{Each, Receiver, SLICE, bind};
use crate::Failure;

/// After this what has not come was lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// See the module. Request queues go before the queues they are on.
pub(super) struct Ported {
    requests: Vec<PortRequestQueue>,
    _queues: Vec<PortQueue>,
    port: CompletionPort,
    completions: Completions,
}

impl Ported {
    pub(super) fn new(load: &Load, backend: BackendChoice, batch: usize) -> Result<Ported, Failure> {
        let size = load.slices();
        let port = CompletionPort::new(1)?;
        let queue = |key| {
            CompletionQueue::builder(size).backend(backend).results_per_packet(batch).on(&port, key as u64)
        };
        let queues = (0..load.queues).map(queue).collect::<Result<Vec<_>, _>>()?;
        let pool = BufferPool::builder().slice_size(SLICE).slices_per_region(size).regions(1..=1).build()?;
        let mut requests = Vec::with_capacity(load.sockets);
        for (index, socket) in bind(load)?.into_iter().enumerate() {
            let pending = load.pending(index);
            let limits = Limits { receives: pending as u32, receive_buffers: 1, sends: 0, send_buffers: 1 };
            let queue = queues.get(index % load.queues).ok_or("there is no queue")?;
            let socket = ringport::UdpSocket::from(socket);
            let one = PortRequestQueue::new(&socket, queue, queue, limits, index as u64)?;
            for _ in 0..pending {
                one.receive_from(pool.take()?, 0)?;
            }
            requests.push(one);
        }
        Ok(Ported { requests, _queues: queues, port, completions: Completions::with_capacity(batch) })
    }
}

impl Receiver for Ported {
    fn dequeue(&mut self, each: Each<'_>) -> Result<usize, Failure> {
        let Packet::Ready(mut ready) = self.port.wait(Some(PATIENCE))? else {
            return Err("datagrams were lost: the socket buffer is too small for a fill".into());
        };
        let mut found = 0;
        while ready.dequeue(&mut self.completions) > 0 {
            for completion in self.completions.drain() {
                found += 1;
                let socket = completion.socket_context() as usize;
                std::hint::black_box(completion.peer());
                if let (Some(buffer), Some(requests)) = (completion.into_unique(), self.requests.get(socket))
                {
                    requests.receive_from(buffer, 0)?;
                }
                each(socket)?;
            }
        }
        ready.notify();
        Ok(found)
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.requests.iter().filter_map(|requests| requests.socket().local_addr().ok()).collect()
    }
}
