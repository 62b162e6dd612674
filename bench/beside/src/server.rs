//! Two sockets, each with its queue, on one completion port that two threads serve.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use ringport::{
    BackendChoice, BufferPool, CompletionPort, CompletionQueue, Completions, Limits, Operation, Packet,
    PortQueue, PortRequestQueue, UdpSocket, Waiting,
};
use ringport_stand::Failure;

const ANSWERS: u64 = 1;
const BESIDE: u64 = 2;
const THREADS: usize = 2;
const RECEIVES: u32 = 256;

/// Why a thread of the server ended early.
type Ended = Box<dyn std::error::Error + Send + Sync>;

/// A socket with its queue.
struct Side {
    socket: UdpSocket,
    queue: PortQueue,
    requests: PortRequestQueue,
    pool: BufferPool,
}

impl Side {
    fn new(
        choice: BackendChoice,
        waiting: Waiting,
        port: &CompletionPort,
        key: u64,
    ) -> Result<Side, Failure> {
        let socket = UdpSocket::builder().receive_buffer(1 << 20).bind("127.0.0.1:0")?;
        let limits = Limits { receives: RECEIVES, receive_buffers: 1, sends: RECEIVES, send_buffers: 1 };
        let queue =
            CompletionQueue::builder(2 * RECEIVES as usize).backend(choice).waiting(waiting).on(port, key)?;
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 0)?;
        let pool = BufferPool::builder().slice_size(256).slices_per_region(2 * RECEIVES as usize).build()?;
        for _ in 0..RECEIVES {
            requests.receive_from(pool.take()?, 0)?;
        }
        Ok(Side { socket, queue, requests, pool })
    }
}

/// Runs until it is stopped.
pub(crate) struct Server {
    port: Arc<CompletionPort>,
    sides: Arc<[Side; 2]>,
    threads: Vec<JoinHandle<Result<(), Ended>>>,
}

impl Server {
    /// `waiting` is that of the queue which answers, and of the other.
    pub(crate) fn start(choice: BackendChoice, waiting: (Waiting, Waiting)) -> Result<Server, Failure> {
        let port = Arc::new(CompletionPort::new(THREADS)?);
        let answers = Side::new(choice, waiting.0, &port, ANSWERS)?;
        let beside = Side::new(choice, waiting.1, &port, BESIDE)?;
        let sides = Arc::new([answers, beside]);
        let threads = (0..THREADS).map(|_| {
            let (port, sides) = (Arc::clone(&port), Arc::clone(&sides));
            std::thread::spawn(move || serve(&port, &sides))
        });
        let threads = threads.collect();
        Ok(Server { port, sides, threads })
    }

    pub(crate) fn answers(&self) -> SocketAddr {
        self.address(0)
    }

    pub(crate) fn beside(&self) -> SocketAddr {
        self.address(1)
    }

    fn address(&self, side: usize) -> SocketAddr {
        let side = self.sides.get(side).and_then(|side| side.socket.local_addr().ok());
        side.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// How often the queue that answers held completions back.
    pub(crate) fn gathered(&self) -> u64 {
        let [answers, _] = &*self.sides;
        answers.queue.gathered()
    }

    pub(crate) fn stop(self) -> Result<(), Failure> {
        for _ in &self.threads {
            self.port.post(0, 0)?;
        }
        for thread in self.threads {
            let ended = thread.join().map_err(|_| "a thread of the server panicked")?;
            ended.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Answers what comes for the one queue and takes what comes for the other, until somebody posts.
fn serve(port: &CompletionPort, sides: &[Side; 2]) -> Result<(), Ended> {
    let mut some = Completions::with_capacity(RECEIVES as usize);
    loop {
        let Packet::Ready(mut ready) = port.wait(None)? else { return Ok(()) };
        let [answers, beside] = sides;
        let side = if ready.key() == ANSWERS { answers } else { beside };
        while ready.dequeue(&mut some) > 0 {
            for completion in some.drain().filter(|done| done.operation() == Operation::Receive) {
                let peer = completion.peer();
                let Some(buffer) = completion.into_unique() else { continue };
                if ready.key() == BESIDE {
                    side.requests.receive_from(buffer, 0)?;
                } else if let Some(peer) = peer {
                    side.requests.send_to(buffer, peer, 0)?;
                    side.requests.receive_from(side.pool.take()?, 0)?;
                }
            }
        }
        ready.notify();
    }
}
