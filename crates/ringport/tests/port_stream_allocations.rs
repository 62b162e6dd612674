//! Sends to a peer that reads slowly allocate nothing, however often they fill the socket: counted by the allocator of
//! this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/backends/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suites use the rest")]
mod backends;
#[path = "common/counting.rs"]
mod counting;
#[path = "common/system/mod.rs"]
mod system;

use std::io::Read;
use std::net::{TcpListener, TcpStream};

use counting::allocations_during;
use ringport::{
    BufferPool, CompletionPort, CompletionQueue, Completions, Limits, Lock, Packet, PortRequestQueue,
    StreamSocket,
};

/// A message is larger than what the sockets of both ends hold, so each of them fills its socket.
const MESSAGE: usize = 16 << 20;

struct Sender {
    port: CompletionPort,
    requests: PortRequestQueue<StreamSocket>,
    pool: BufferPool,
    completions: Completions,
}

impl Sender {
    /// Sends messages one after the other, each when the one before has left.
    fn send(&mut self, messages: usize) {
        for _ in 0..messages {
            let mut buffer = self.pool.take().unwrap();
            buffer.set_len(MESSAGE).unwrap();
            self.requests.send(buffer, 0).unwrap();
            let Ok(Packet::Ready(mut ready)) = self.port.wait(None) else { panic!("no packet of the queue") };
            assert_eq!(ready.dequeue(&mut self.completions), 1);
            for completion in self.completions.drain() {
                assert_eq!(completion.result().unwrap(), MESSAGE);
            }
        }
    }
}

/// The other end, which reads all there is until the end.
fn read_all(mut peer: TcpStream) {
    let mut bytes = [0; 4096];
    while peer.read(&mut bytes).unwrap() > 0 {}
}

#[test]
fn no_send_allocates_for_meeting_a_full_socket() {
    for backend in backends::present() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = StreamSocket::connect(listener.local_addr().unwrap()).unwrap();
        let peer = listener.accept().unwrap().0;
        let port = CompletionPort::new(1).unwrap();
        let queue = CompletionQueue::builder(16).backend(backend).on(&port, 0).unwrap();
        let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
        let pool =
            BufferPool::builder().slice_size(MESSAGE).slices_per_region(2).regions(1..=1).lock(Lock::Off);
        let mut sender = Sender {
            port,
            requests,
            pool: pool.build().unwrap(),
            completions: Completions::with_capacity(4),
        };
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_all(peer));
            sender.send(2);
            let allocated = allocations_during(|| sender.send(10));
            drop((sender, socket));
            reader.join().unwrap();
            assert_eq!(allocated, 0, "over {backend}: in ten sends that filled their sockets");
        });
    }
}
