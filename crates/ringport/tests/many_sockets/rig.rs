//! Many sockets on one queue, of either kind.

use std::net::SocketAddr;
use std::time::Duration;

use ringport::queue::{Polled, PortQueue};
use ringport::{
    BackendChoice, BufferPool, ChainMut, Completion, CompletionPort, CompletionQueue, Completions, Limits,
    Packet, PortRequestQueue, RequestQueue, UdpSocket,
};

use crate::common::rig::{builder, limits, pool};

/// Sockets on a queue, by their number, which is their context, too.
pub(crate) trait Many {
    fn socket(&self, index: usize) -> &UdpSocket;

    /// Posts a receive, into a chain of so many slices where that is more than one.
    fn post(&self, index: usize, slices: usize);

    fn send(&self, index: usize, bytes: &[u8], to: SocketAddr);

    /// What one dequeue brings, `most` at most. It never waits long.
    fn dequeue(&mut self, most: usize) -> Vec<Completion>;

    /// Closes one of them.
    fn close(&mut self, index: usize);

    fn address(&self, index: usize) -> SocketAddr {
        self.socket(index).local_addr().unwrap()
    }
}

/// Makes one with so many sockets, and so many receives and sends each.
pub(crate) type Make = fn(BackendChoice, usize, Limits) -> Box<dyn Many>;

/// The kinds.
pub(crate) const KINDS: [(&str, Make); 2] = [("own thread", own), ("port", on_port)];

pub(crate) fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// Slices for all that is posted at a time: no test posts more.
fn slices(sockets: usize, each: Limits) -> BufferPool {
    let all = sockets * (each.receives * each.receive_buffers.min(2) + each.sends) as usize + 64;
    pool(64, all.min(32_768))
}

fn places(sockets: usize, each: Limits) -> usize {
    sockets * (each.receives + each.sends) as usize
}

struct Own {
    all: Vec<Option<RequestQueue>>,
    queue: CompletionQueue<Polled>,
    pool: BufferPool,
}

fn own(choice: BackendChoice, sockets: usize, each: Limits) -> Box<dyn Many> {
    let queue = builder(choice, places(sockets, each)).polled().unwrap();
    let one = |context| Some(RequestQueue::new(&socket(), &queue, &queue, each, context).unwrap());
    Box::new(Own { all: (0..sockets as u64).map(one).collect(), queue, pool: slices(sockets, each) })
}

impl Many for Own {
    fn socket(&self, index: usize) -> &UdpSocket {
        self.all[index].as_ref().unwrap().socket()
    }

    fn post(&self, index: usize, slices: usize) {
        let requests = self.all[index].as_ref().unwrap();
        let mut taken = (0..slices).map(|_| self.pool.take().unwrap());
        match slices {
            1 => requests.receive_from(taken.next().unwrap(), 0).unwrap(),
            _ => requests.receive_from(taken.collect::<ChainMut>(), 0).unwrap(),
        }
    }

    fn send(&self, index: usize, bytes: &[u8], to: SocketAddr) {
        let requests = self.all[index].as_ref().unwrap();
        requests.send_to(self.pool.take_with(bytes).unwrap(), to, 0).unwrap();
    }

    fn dequeue(&mut self, most: usize) -> Vec<Completion> {
        let mut completions = Completions::with_capacity(most);
        self.queue.dequeue(&mut completions);
        completions.drain().collect()
    }

    fn close(&mut self, index: usize) {
        self.all[index] = None;
    }
}

struct OnPort {
    all: Vec<Option<PortRequestQueue>>,
    _queue: PortQueue,
    port: CompletionPort,
    pool: BufferPool,
}

fn on_port(choice: BackendChoice, sockets: usize, each: Limits) -> Box<dyn Many> {
    let port = CompletionPort::new(1).unwrap();
    let queue = builder(choice, places(sockets, each)).on(&port, 0).unwrap();
    let one = |context| Some(PortRequestQueue::new(&socket(), &queue, &queue, each, context).unwrap());
    let all = (0..sockets as u64).map(one).collect();
    Box::new(OnPort { all, _queue: queue, port, pool: slices(sockets, each) })
}

impl Many for OnPort {
    fn socket(&self, index: usize) -> &UdpSocket {
        self.all[index].as_ref().unwrap().socket()
    }

    fn post(&self, index: usize, slices: usize) {
        let requests = self.all[index].as_ref().unwrap();
        let mut taken = (0..slices).map(|_| self.pool.take().unwrap());
        match slices {
            1 => requests.receive_from(taken.next().unwrap(), 0).unwrap(),
            _ => requests.receive_from(taken.collect::<ChainMut>(), 0).unwrap(),
        }
    }

    fn send(&self, index: usize, bytes: &[u8], to: SocketAddr) {
        let requests = self.all[index].as_ref().unwrap();
        requests.send_to(self.pool.take_with(bytes).unwrap(), to, 0).unwrap();
    }

    fn dequeue(&mut self, most: usize) -> Vec<Completion> {
        let Ok(Packet::Ready(mut ready)) = self.port.wait(Some(Duration::from_millis(10))) else {
            return Vec::new();
        };
        let mut completions = Completions::with_capacity(most);
        ready.dequeue(&mut completions);
        completions.drain().collect()
    }

    fn close(&mut self, index: usize) {
        self.all[index] = None;
    }
}

/// Descriptors for so many sockets; false, and said, where the system does not allow them.
pub(crate) fn descriptors_for(sockets: usize) -> bool {
    let wanted = sockets as libc::rlim_t + 200;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only use the value, which lives on.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = wanted.max(limit.rlim_cur).min(limit.rlim_max);
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    if limit.rlim_cur < wanted {
        eprintln!(
            "skipped: {sockets} sockets need a limit of {wanted} open files, this is {}",
            limit.rlim_cur
        );
    }
    limit.rlim_cur >= wanted
}

/// A few receives and sends at a time.
pub(crate) fn few() -> Limits {
    limits(4, 4)
}
