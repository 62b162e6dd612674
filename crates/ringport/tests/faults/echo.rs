//! A server over connections in the library's own terms: one thread, one completion queue, and back comes what was
//! sent.
//!
//! ```text
//!   accept ──► receive ──► send what came ──► receive, unless two sends are still on their way
//! ```
//!
//! So a peer that does not read is soon not read from, and each connection holds three slices at most.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use ringport::net::KeepAlive;
use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Operation, Receive, RequestQueue,
    StreamListener, StreamSocket, Waker,
};

use crate::common::rig::{builder, limits, pool};

/// The most connections at a time.
const MOST: usize = 100;
const SENDS: u32 = 2;

/// What it counts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) accepted: AtomicUsize,
    pub(crate) open: AtomicUsize,
    /// Connections that ended with an error.
    pub(crate) failed: AtomicUsize,
    over: AtomicBool,
}

pub(crate) struct Echo {
    pub(crate) address: SocketAddr,
    pub(crate) figures: Arc<Figures>,
    pub(crate) pool: BufferPool,
    waker: Waker,
    thread: JoinHandle<()>,
}

impl Echo {
    pub(crate) fn start(choice: BackendChoice, listener: StreamListener) -> Echo {
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        let figures = Arc::<Figures>::default();
        let pool = pool(1024, 3 * MOST);
        let (counts, slices) = (Arc::clone(&figures), pool.clone());
        let thread = std::thread::spawn(move || {
            let mut queue = builder(choice, 4 * MOST).event().unwrap();
            tell.send(queue.waker().unwrap()).unwrap();
            let accepts = RequestQueue::new(&listener, &queue, &queue, limits(1, 0), u64::MAX).unwrap();
            accepts.accept(0).unwrap();
            let mut server = Server { accepts, connections: HashMap::new(), figures: counts, pool: slices };
            server.serve(&mut queue);
        });
        let waker = told.recv().unwrap();
        Echo { address, figures, pool, waker, thread }
    }

    /// Ends it, whatever is under way; gives its memory.
    pub(crate) fn stop(self) -> BufferPool {
        self.figures.over.store(true, Relaxed);
        self.waker.wake();
        self.thread.join().unwrap();
        self.pool
    }
}

struct Server {
    accepts: RequestQueue<StreamListener>,
    /// By the context of their requests, which no two ever share.
    connections: HashMap<u64, Connection>,
    figures: Arc<Figures>,
    pool: BufferPool,
}

struct Connection {
    requests: RequestQueue<StreamSocket>,
    sends: u32,
    reads: bool,
    ended: bool,
}

impl Server {
    fn serve(&mut self, queue: &mut CompletionQueue<Event>) {
        let mut completions = Completions::with_capacity(32);
        while !self.figures.over.load(Relaxed) {
            // It is armed already when it was woken.
            let _ = queue.notify();
            queue.wait(None).unwrap();
            queue.dequeue(&mut completions);
            for completion in completions.drain() {
                if completion.operation() == Operation::Accept {
                    self.accepted(queue, completion);
                } else {
                    self.completed(completion);
                }
            }
            self.figures.open.store(self.connections.len(), Relaxed);
        }
    }

    fn accepted(&mut self, queue: &CompletionQueue<Event>, completion: Completion) {
        let context = self.figures.accepted.fetch_add(1, Relaxed) as u64;
        let socket = completion.into_stream().expect("a connection");
        socket.set_no_delay(true).unwrap();
        let second = Duration::from_secs(1);
        // Windows takes no other number than its own before its later releases.
        let probes = if cfg!(windows) { 10 } else { 1 };
        socket.set_keep_alive(Some(KeepAlive { after: second, every: second, probes })).unwrap();
        let requests = RequestQueue::new(&socket, queue, queue, limits(1, SENDS), context).unwrap();
        requests.receive_pooled(&self.pool, Receive::new(), 0).unwrap();
        self.connections.insert(context, Connection { requests, sends: 0, reads: true, ended: false });
        self.accepts.accept(0).unwrap();
    }

    fn completed(&mut self, completion: Completion) {
        let context = completion.socket_context();
        // What is left of those that are closed.
        let Some(connection) = self.connections.get_mut(&context) else { return };
        let (ended, result) = (completion.is_end(), completion.result());
        if completion.operation() == Operation::Send {
            connection.sends -= 1;
        } else {
            connection.reads = false;
            connection.ended |= ended;
            if !ended && result.is_ok() {
                let sent = connection.requests.send(completion.into_unique().unwrap(), 0);
                connection.sends += u32::from(sent.is_ok());
            }
        }
        if result.is_err() || connection.ended && connection.sends == 0 {
            self.figures.failed.fetch_add(usize::from(result.is_err()), Relaxed);
            self.connections.remove(&context);
        } else if !connection.ended && !connection.reads && connection.sends < SENDS {
            connection.requests.receive_pooled(&self.pool, Receive::new(), 0).unwrap();
            connection.reads = true;
        }
    }
}
