//! The exclusive drain: eight threads, many sockets, and completions of a socket in order without any lock.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use ringport::queue::PortQueue;
use ringport::{BackendChoice, BufferPool, CompletionPort, Completions, Operation, Packet, PortRequestQueue};

use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::{PATIENCE, on_each_backend};
use crate::rig::socket;

on_each_backend!(
    process_first_keeps_the_order_of_each_socket,
    re_arm_first_keeps_the_order_of_the_dequeue,
    several_queues_keep_the_order_of_each_socket,
);

const THREADS: usize = 8;
const SOCKETS: usize = 16;
const EACH: u64 = 1000;
/// Datagrams of one socket that are under way at a time.
const WINDOW: u64 = 24;
const EXIT: u64 = u64::MAX;

struct Bench {
    port: CompletionPort,
    sockets: Vec<PortRequestQueue>,
    queues: Vec<PortQueue>,
    pool: BufferPool,
    /// The next number of each socket.
    next: Vec<AtomicU64>,
    /// Each dequeue of a queue, counted while the right is held.
    turns: Vec<AtomicU64>,
    inside: Vec<AtomicBool>,
    handled: AtomicUsize,
}

impl Bench {
    fn new(choice: BackendChoice, queues: usize, cap: usize) -> Bench {
        let port = CompletionPort::new(4).unwrap();
        let pool = pool(64, 2048);
        let queue = |key| builder(choice, 1024).results_per_packet(cap).on(&port, key as u64).unwrap();
        let queues: Vec<_> = (0..queues).map(queue).collect();
        let requests = |index: usize| {
            let queue = &queues[index % queues.len()];
            let requests =
                PortRequestQueue::new(&socket(), queue, queue, limits(32, 1), index as u64).unwrap();
            for _ in 0..32 {
                requests.receive(pool.take().unwrap(), 0).unwrap();
            }
            requests
        };
        let sockets = (0..SOCKETS).map(requests).collect();
        Bench {
            port,
            sockets,
            next: (0..SOCKETS).map(|_| AtomicU64::new(0)).collect(),
            turns: queues.iter().map(|_| AtomicU64::new(0)).collect(),
            inside: queues.iter().map(|_| AtomicBool::new(false)).collect(),
            queues,
            pool,
            handled: AtomicUsize::new(0),
        }
    }

    /// One datagram after the other to every socket, never more under way than fit.
    fn send(&self) {
        let client = plain();
        for number in 0..EACH {
            for (index, requests) in self.sockets.iter().enumerate() {
                while number >= self.next[index].load(Ordering::Acquire) + WINDOW {
                    std::thread::yield_now();
                }
                client.send_to(&number.to_le_bytes(), requests.socket().local_addr().unwrap()).unwrap();
            }
        }
    }

    /// A thread of the port. `handle` is given what one dequeue brought, and the packet.
    fn serve(&self, handle: impl Fn(&Bench, ringport::Ready, &mut Completions)) {
        let mut some = Completions::with_capacity(64);
        while let Ok(Packet::Ready(mut ready)) = self.port.wait(Some(PATIENCE)) {
            let key = ready.key() as usize;
            assert!(!self.inside[key].swap(true, Ordering::Acquire), "two threads drain one queue");
            ready.dequeue(&mut some);
            self.inside[key].store(false, Ordering::Release);
            let count = some.len();
            handle(self, ready, &mut some);
            if self.handled.fetch_add(count, Ordering::AcqRel) + count == SOCKETS * EACH as usize {
                (0..THREADS).for_each(|_| self.port.post(EXIT, 0).unwrap());
            }
        }
    }

    /// Number and socket of each completion; a new receive takes the place of each.
    fn read(&self, completions: &mut Completions) -> Vec<(usize, u64)> {
        let read = completions.drain().map(|completion| {
            assert_eq!(completion.operation(), Operation::Receive);
            let index = completion.socket_context() as usize;
            let number = u64::from_le_bytes(bytes(&completion).try_into().unwrap());
            drop(completion);
            self.sockets[index].receive(self.pool.take().unwrap(), 0).unwrap();
            (index, number)
        });
        read.collect()
    }

    fn run(&self, handle: impl Fn(&Bench, ringport::Ready, &mut Completions) + Sync) {
        std::thread::scope(|scope| {
            (0..THREADS).for_each(|_| drop(scope.spawn(|| self.serve(&handle))));
            self.send();
        });
        assert_eq!(self.handled.load(Ordering::Relaxed), SOCKETS * EACH as usize);
        assert!(self.next.iter().all(|next| next.load(Ordering::Relaxed) == EACH));
    }
}

/// No thread but the holder of the right looks at the numbers, so plain loads and stores do.
fn process_then_arm(bench: &Bench, ready: ringport::Ready, completions: &mut Completions) {
    for (index, number) in bench.read(completions) {
        assert_eq!(bench.next[index].load(Ordering::Relaxed), number, "out of order on socket {index}");
        bench.next[index].store(number + 1, Ordering::Release);
    }
    ready.notify();
}

fn process_first_keeps_the_order_of_each_socket(choice: BackendChoice) {
    Bench::new(choice, 1, usize::MAX).run(process_then_arm);
}

fn several_queues_keep_the_order_of_each_socket(choice: BackendChoice) {
    let bench = Bench::new(choice, 4, 8);
    bench.run(process_then_arm);
    assert!(bench.queues.iter().all(|queue| queue.completed() == SOCKETS / 4 * EACH as usize));
}

fn re_arm_first_keeps_the_order_of_the_dequeue(choice: BackendChoice) {
    let bench = Bench::new(choice, 1, usize::MAX);
    let seen = std::sync::Mutex::new(Vec::new());
    bench.run(|bench, ready, completions| {
        // The holder's turn, while nobody else can have one.
        let turn = bench.turns[0].fetch_add(1, Ordering::Relaxed);
        let count = completions.len();
        ready.notify();
        // Others work on later completions now.
        let read = bench.read(completions);
        assert_eq!(read.len(), count);
        for (index, _) in &read {
            bench.next[*index].fetch_add(1, Ordering::Release);
        }
        seen.lock().unwrap().push((turn, read));
    });
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable_by_key(|(turn, _)| *turn);
    let mut next = [0; SOCKETS];
    for (index, number) in seen.into_iter().flat_map(|(_, read)| read) {
        assert_eq!(next[index], number, "out of order on socket {index}");
        next[index] += 1;
    }
}
