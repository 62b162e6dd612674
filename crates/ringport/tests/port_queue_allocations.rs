//! Once a queue on a port runs, no datagram makes anybody allocate: counted by the allocator of this program.
//!
//! Alone in its program, and one test, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::UdpSocket as Plain;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ringport::net::{ControlBuffer, Ecn};
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionPort, CompletionQueue, Completions, Limits, Lock,
    Operation, Packet, PortRequestQueue, Receive, Send, UdpSocket,
};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // The main thread is the test harness, which has something to say of a test that takes a minute.
        // SAFETY: neither call takes an argument, and neither can fail.
        if unsafe { libc::gettid() != libc::getpid() } {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
    for backend in [BackendChoice::Uring, BackendChoice::Epoll] {
        if let Err(error) = ringport::backend::explain(backend) {
            eprintln!("skipped: {backend}: {error}");
            continue;
        }
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
            client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            client.connect(socket.local_addr().unwrap()).unwrap();
            echo(&client, 200);
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            echo(&client, 2000);
            let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
            echoing.port.close();
            assert_eq!(allocated, 0, "over {backend}: in 16,000 datagrams");
        });
    }
}
