//! Everything at once: eight threads on a port, four queues, sixteen sockets, and things that come and go.
//!
//! Each request that was accepted completes once, or is dropped with its queue, and every slice comes back.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use ringport::queue::PortQueue;
use ringport::{
    BackendChoice, BufferPool, CompletionPort, Completions, Packet, PortRequestQueue, Receive, Send,
    UdpSocket,
};

use crate::common::lonely::lonely;
use crate::common::rig::{builder, limits, pool};
use crate::common::{PATIENCE, Random, on_each_backend, until};

on_each_backend!(a_storm_loses_nothing);

const THREADS: u64 = 8;
const QUEUES: usize = 4;
const SOCKETS: usize = 16;
/// How long it goes on; nothing is judged by it.
const TIME: Duration = Duration::from_millis(2500);

/// What was accepted on a request queue and has not been seen to complete.
#[derive(Clone, Default)]
struct Pending {
    tokens: Arc<Mutex<HashSet<u64>>>,
    /// The queue was dropped, and all that was pending with it.
    dropped: Arc<AtomicBool>,
}

struct Place {
    requests: PortRequestQueue,
    pending: Pending,
}

/// A queue, and the mark that its request queues share.
struct Queue {
    queue: PortQueue,
    dropped: Arc<AtomicBool>,
}

/// Locks are taken from the top to the bottom.
struct Storm {
    choice: BackendChoice,
    places: Vec<RwLock<Option<Place>>>,
    queues: Vec<RwLock<Queue>>,
    addresses: Vec<Mutex<SocketAddr>>,
    /// By the context that a request queue was made with.
    books: Mutex<Vec<Pending>>,
    tokens: AtomicU64,
    completed: AtomicU64,
    over: AtomicBool,
    pool: BufferPool,
    port: CompletionPort,
    /// Where all of its sockets are: some of what is sent comes when its socket is gone, and must not reach another
    /// test's.
    host: IpAddr,
}

fn queue(choice: BackendChoice, port: &CompletionPort, key: usize) -> Queue {
    let queue = builder(choice, 1024).results_per_packet(16).on(port, key as u64).unwrap();
    Queue { queue, dropped: Arc::default() }
}

impl Storm {
    fn new(choice: BackendChoice) -> Storm {
        let port = CompletionPort::new(4).unwrap();
        let storm = Storm {
            choice,
            places: (0..SOCKETS).map(|_| RwLock::new(None)).collect(),
            queues: (0..QUEUES).map(|key| RwLock::new(queue(choice, &port, key))).collect(),
            addresses: (0..SOCKETS).map(|_| Mutex::new(([127, 0, 0, 1], 9).into())).collect(),
            books: Mutex::default(),
            tokens: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            over: AtomicBool::new(false),
            // More than all queues can hold, those that were dropped while their packet waits included.
            pool: pool(64, 16_384),
            port,
            host: lonely(),
        };
        (0..SOCKETS).for_each(|index| *storm.places[index].write().unwrap() = Some(storm.place(index)));
        storm
    }

    /// A new socket with a request queue on the queue whose turn it is.
    fn place(&self, index: usize) -> Place {
        let of = self.queues[index % QUEUES].read().unwrap();
        let socket = UdpSocket::builder().receive_buffer(1 << 20).bind((self.host, 0)).unwrap();
        *self.addresses[index].lock().unwrap() = socket.local_addr().unwrap();
        let pending = Pending { dropped: Arc::clone(&of.dropped), ..Pending::default() };
        let context = {
            let mut books = self.books.lock().unwrap();
            books.push(pending.clone());
            books.len() as u64 - 1
        };
        // What was closed keeps its places until it is dequeued.
        let make = || PortRequestQueue::new(&socket, &of.queue, &of.queue, limits(16, 16), context).ok();
        Place { requests: until("room", make), pending }
    }

    /// Posts, and notes the token before anybody can have seen it complete.
    fn post(&self, place: &Place, post: impl FnOnce(&PortRequestQueue, u64) -> bool) -> bool {
        let token = self.tokens.fetch_add(1, Ordering::Relaxed);
        place.pending.tokens.lock().unwrap().insert(token);
        let accepted = post(&place.requests, token);
        assert!(accepted || place.pending.tokens.lock().unwrap().remove(&token), "refused, and completed");
        accepted
    }

    fn receive(&self, place: &Place, random: &mut Random) -> bool {
        let kind = random.below(4);
        self.post(place, |requests, token| match kind {
            0 => requests.receive_when_free(&self.pool, Receive::new().addresses(), token).is_ok(),
            1 => {
                let silent = Receive::new().dont_notify();
                requests.receive_with(self.pool.take().unwrap(), silent, token).is_ok()
            }
            _ => requests.receive(self.pool.take().unwrap(), token).is_ok(),
        })
    }

    fn send(&self, place: &Place, random: &mut Random) {
        let to = *self.addresses[random.below(SOCKETS)].lock().unwrap();
        let send = match random.below(4) {
            0 => Send::new().to(to).defer(),
            1 => Send::new().to(to).dont_notify(),
            _ => Send::new().to(to),
        };
        let buffer = self.pool.take_with(b"storm").unwrap();
        self.post(place, |requests, token| requests.send_with(buffer, send, token).is_ok());
    }

    /// A thread of the port: drains, with the re-arming first, last, or in the middle.
    fn serve(&self, number: u64) {
        let mut random = Random::new(100 + number);
        let mut some = Completions::with_capacity(32);
        while let Ok(Packet::Ready(mut ready)) = self.port.wait(None) {
            match random.below(20) {
                // Drops it as it is.
                0 => {}
                1..=9 => {
                    ready.dequeue(&mut some);
                    ready.notify();
                    self.note(&mut some, &mut random);
                }
                10..=18 => {
                    ready.dequeue(&mut some);
                    self.note(&mut some, &mut random);
                    ready.notify();
                }
                _ => std::thread::scope(|scope| drop(scope.spawn(|| drop(ready)))),
            }
        }
    }

    fn note(&self, completions: &mut Completions, random: &mut Random) {
        for completion in completions.drain() {
            let pending = self.books.lock().unwrap()[completion.socket_context() as usize].clone();
            let known = pending.tokens.lock().unwrap().remove(&completion.token());
            assert!(known, "completed twice, or never accepted: {completion:?}");
            self.completed.fetch_add(1, Ordering::Relaxed);
        }
        if random.below(2) == 0
            && !self.over.load(Ordering::Relaxed)
            && let Ok(place) = self.places[random.below(SOCKETS)].try_read()
            && let Some(place) = place.as_ref()
        {
            while self.receive(place, random) {}
        }
    }

    /// A thread that never drains: it sends and posts, and now and then cancels or replaces things.
    fn disturb(&self, number: u64) {
        let mut random = Random::new(number);
        let with = |index: usize, run: &mut dyn FnMut(&Place)| {
            self.places[index].read().unwrap().iter().for_each(run);
        };
        while !self.over.load(Ordering::Relaxed) {
            let index = random.below(SOCKETS);
            match random.below(1000) {
                0..=4 => with(index, &mut |place| place.requests.cancel()),
                5..=7 => {
                    let mut place = self.places[index].write().unwrap();
                    *place = None;
                    *place = Some(self.place(index));
                }
                8 => self.replace_queue(index % QUEUES, random.below(2) == 0),
                9..=50 => with(index, &mut |place| place.requests.commit()),
                51..=300 => with(index, &mut |place| _ = self.receive(place, &mut random)),
                _ => with(index, &mut |place| self.send(place, &mut random)),
            }
        }
    }

    /// Drops a queue, before or after the request queues on it.
    fn replace_queue(&self, key: usize, first: bool) {
        let indexes = || (key..SOCKETS).step_by(QUEUES);
        let mut places: Vec<_> = indexes().map(|index| self.places[index].write().unwrap()).collect();
        let new = queue(self.choice, &self.port, key);
        let old = std::mem::replace(&mut *self.queues[key].write().unwrap(), new);
        old.dropped.store(true, Ordering::Relaxed);
        if first {
            drop(old);
            places.iter_mut().for_each(|place| **place = None);
        } else {
            places.iter_mut().for_each(|place| **place = None);
            drop(old);
        }
        for (index, place) in indexes().zip(&mut places) {
            **place = Some(self.place(index));
        }
    }

    /// Ends what is under way; whether all has completed then that was not dropped.
    fn is_calm(&self) -> bool {
        for place in &self.places {
            if let Some(place) = place.read().unwrap().as_ref() {
                place.requests.cancel();
                // Silent completions come with one that is not.
                let to = place.requests.socket().local_addr().unwrap();
                let buffer = self.pool.take().unwrap();
                self.post(place, |requests, token| requests.send_to(buffer, to, token).is_ok());
            }
        }
        let books = self.books.lock().unwrap().clone();
        let empty = |pending: &Pending| {
            pending.dropped.load(Ordering::Relaxed) || pending.tokens.lock().unwrap().is_empty()
        };
        let mut looks = std::iter::repeat_with(|| books.iter().all(empty)).take(1000);
        looks.any(|calm| {
            std::thread::yield_now();
            calm
        })
    }
}

fn a_storm_loses_nothing(choice: BackendChoice) {
    let storm = Storm::new(choice);
    std::thread::scope(|scope| {
        let serving: Vec<_> = (0..THREADS)
            .map(|number| {
                let storm = &storm;
                scope.spawn(move || storm.serve(number))
            })
            .collect();
        let disturbing: Vec<_> = (0..3)
            .map(|number| {
                let storm = &storm;
                scope.spawn(move || storm.disturb(number))
            })
            .collect();
        let start = Instant::now();
        let failed = || serving.iter().chain(&disturbing).any(|thread| thread.is_finished());
        let raged = || start.elapsed() >= TIME && storm.completed.load(Ordering::Relaxed) > 1000;
        until("a storm", || (raged() || failed()).then_some(()));
        let failed = failed();
        storm.over.store(true, Ordering::Relaxed);
        let disturbed: Vec<_> = disturbing.into_iter().map(|thread| thread.join()).collect();
        let end = Instant::now() + PATIENCE;
        let mut calm = failed;
        while !calm && Instant::now() < end {
            calm = storm.is_calm();
        }
        // However it went, the threads are to end.
        storm.port.close();
        disturbed.into_iter().for_each(|thread| thread.unwrap());
        assert!(calm, "accepted, and never completed");
    });
    let pool = storm.pool.clone();
    drop(storm);
    assert_eq!(pool.figures().used, 0, "slices were lost: {:?}", pool.figures());
}
