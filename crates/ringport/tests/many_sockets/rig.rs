//! Many sockets on one queue, of either kind.

use std::net::SocketAddr;
use std::time::Duration;

use ringport::queue::{Polled, PortQueue, ReceiveBuffer};
use ringport::{
    BackendChoice, BufferMut, BufferPool, ChainMut, Completion, CompletionPort, CompletionQueue, Completions,
    Limits, Packet, PortRequestQueue, RequestQueue, UdpSocket,
};

use crate::common::lonely::lonely;
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

/// At an address that nobody else has, so a port that one of them lets go stays free.
pub(crate) fn socket() -> UdpSocket {
    UdpSocket::bind((lonely(), 0)).unwrap()
}

/// Slices for all that is posted at a time: no test posts more.
fn slices(sockets: usize, each: Limits) -> BufferPool {
    let all = sockets * (each.receives * each.receive_buffers.min(2) + each.sends) as usize + 64;
    pool(64, all.min(32_768))
}

fn places(sockets: usize, each: Limits) -> usize {
    sockets * (each.receives + each.sends) as usize
}

/// What a request queue of either kind is asked for here.
trait Requests {
    fn socket(&self) -> &UdpSocket;
    fn receive(&self, into: impl ReceiveBuffer);
    fn send(&self, buffer: BufferMut, to: SocketAddr);
}

macro_rules! requests {
    ($($queue:ty),+) => {$(
        impl Requests for $queue {
            fn socket(&self) -> &UdpSocket {
                self.socket()
            }

            fn receive(&self, into: impl ReceiveBuffer) {
                assert!(self.receive_from(into, 0).is_ok());
            }

            fn send(&self, buffer: BufferMut, to: SocketAddr) {
                self.send_to(buffer, to, 0).unwrap();
            }
        }
    )+};
}
requests!(RequestQueue, PortRequestQueue);

/// Where their completions are taken.
trait Taken {
    fn take(&mut self, completions: &mut Completions);
}

impl Taken for CompletionQueue<Polled> {
    fn take(&mut self, completions: &mut Completions) {
        self.dequeue(completions);
    }
}

/// The queue lives as long as its handle.
struct OnPort {
    _queue: PortQueue,
    port: CompletionPort,
}

impl Taken for OnPort {
    fn take(&mut self, completions: &mut Completions) {
        if let Ok(Packet::Ready(mut ready)) = self.port.wait(Some(Duration::from_millis(10))) {
            ready.dequeue(completions);
        }
    }
}

struct Sockets<R, T> {
    /// Those that were closed leave a gap.
    all: Vec<Option<R>>,
    queue: T,
    pool: BufferPool,
}

impl<R, T> Sockets<R, T> {
    fn requests(&self, index: usize) -> &R {
        self.all[index].as_ref().unwrap()
    }
}

impl<R: Requests, T: Taken> Many for Sockets<R, T> {
    fn socket(&self, index: usize) -> &UdpSocket {
        self.requests(index).socket()
    }

    fn post(&self, index: usize, slices: usize) {
        let mut taken = (0..slices).map(|_| self.pool.take().unwrap());
        match slices {
            1 => self.requests(index).receive(taken.next().unwrap()),
            _ => self.requests(index).receive(taken.collect::<ChainMut>()),
        }
    }

    fn send(&self, index: usize, bytes: &[u8], to: SocketAddr) {
        self.requests(index).send(self.pool.take_with(bytes).unwrap(), to);
    }

    fn dequeue(&mut self, most: usize) -> Vec<Completion> {
        let mut completions = Completions::with_capacity(most);
        self.queue.take(&mut completions);
        completions.drain().collect()
    }

    fn close(&mut self, index: usize) {
        self.all[index] = None;
    }
}

fn own(choice: BackendChoice, sockets: usize, each: Limits) -> Box<dyn Many> {
    let queue = builder(choice, places(sockets, each)).polled().unwrap();
    let one = |context| Some(RequestQueue::new(&socket(), &queue, &queue, each, context).unwrap());
    let all = (0..sockets as u64).map(one).collect();
    Box::new(Sockets { all, queue, pool: slices(sockets, each) })
}

fn on_port(choice: BackendChoice, sockets: usize, each: Limits) -> Box<dyn Many> {
    let port = CompletionPort::new(1).unwrap();
    let queue = builder(choice, places(sockets, each)).on(&port, 0).unwrap();
    let one = |context| Some(PortRequestQueue::new(&socket(), &queue, &queue, each, context).unwrap());
    let all = (0..sockets as u64).map(one).collect();
    Box::new(Sockets { all, queue: OnPort { _queue: queue, port }, pool: slices(sockets, each) })
}

/// A few receives and sends at a time.
pub(crate) fn few() -> Limits {
    limits(4, 4)
}
