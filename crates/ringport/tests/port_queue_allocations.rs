//! Once a queue on a port runs, no datagram makes anybody allocate: counted by the allocator of this program.
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

use std::net::UdpSocket as Plain;
use std::time::Duration;

use counting::allocations_during;
use ringport::net::{ControlBuffer, Ecn};
use ringport::{
    BufferPool, Completion, CompletionPort, CompletionQueue, Completions, Limits, Lock, Operation, Packet,
    PortRequestQueue, Receive, Send, UdpSocket,
};

const RECEIVES: u32 = 32;

struct Echo {
    port: CompletionPort,
    requests: PortRequestQueue,
    pool: BufferPool,
}

impl Echo {
    /// A thread of the port. Every way to send is in use.
    fn serve(&self) {
        let mut completions = Completions::with_capacity(16);
        let mut control = ControlBuffer::new();
        control.ecn(Ecn::Capable0).unwrap();
        while let Ok(Packet::Ready(mut ready)) = self.port.wait(None) {
            while ready.dequeue(&mut completions) > 0 {
                for (number, completion) in completions.drain().enumerate() {
                    if completion.operation() == Operation::Receive {
                        self.answer(number, completion, &control);
                    }
                }
                self.requests.commit();
            }
            ready.notify();
        }
    }

    fn answer(&self, number: usize, completion: Completion, control: &ControlBuffer) {
        let send = Send::new().to(completion.peer().unwrap());
        let send = match number % 4 {
            0 => send,
            1 => send.defer(),
            2 => send.control(control),
            _ => send.dont_notify(),
        };
        self.requests.send_with(completion.into_unique().unwrap(), send, 0).unwrap();
        self.post(number);
    }

    fn post(&self, number: usize) {
        let options = Receive::new().addresses();
        match number % 2 {
            0 => self.requests.receive_with(self.pool.take().unwrap(), options, 0).unwrap(),
            _ => self.requests.receive_when_free(&self.pool, options, 0).unwrap(),
        }
    }
}

/// Sends and takes back rounds of eight datagrams.
fn echo(client: &Plain, rounds: usize) {
    let mut bytes = [0; 128];
    for _ in 0..rounds {
        for _ in 0..8 {
            client.send(&[7; 100]).unwrap();
        }
        for _ in 0..8 {
            assert_eq!(client.recv(&mut bytes).unwrap(), 100);
        }
    }
}

#[test]
fn no_datagram_allocates_once_a_queue_on_a_port_runs() {
    for backend in backends::present() {
        let port = CompletionPort::new(2).unwrap();
        let queue =
            CompletionQueue::builder(256).backend(backend).results_per_packet(20).on(&port, 0).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let limits = Limits { receives: RECEIVES, receive_buffers: 1, sends: 128, send_buffers: 1 };
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
        let pool =
            BufferPool::builder().slice_size(256).slices_per_region(512).regions(1..=1).lock(Lock::Off);
        let echoing = Echo { port, requests, pool: pool.build().unwrap() };
        std::thread::scope(|scope| {
            (0..2).for_each(|_| drop(scope.spawn(|| echoing.serve())));
            (0..RECEIVES).for_each(|number| echoing.post(number as usize));
            let client = Plain::bind("127.0.0.1:0").unwrap();
            client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            client.connect(socket.local_addr().unwrap()).unwrap();
            echo(&client, 200);
            let allocated = allocations_during(|| echo(&client, 2000));
            echoing.port.close();
            assert_eq!(allocated, 0, "over {backend}: in 16,000 datagrams");
        });
    }
}
