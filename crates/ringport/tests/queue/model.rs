//! Random sequences of everything a program may do with one socket, beside a model of a few lines.
//!
//! ```text
//!   posted:  r4 r5 r6 ...      a receive that completes is the first posted one, and
//!   waiting: d9 d10 ...        its datagram the first that was sent and not received
//!   sends:   s1 s2 | s3 s4     on the wire in this order; those behind the bar wait for a commit
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use ringport::queue::{AlreadyArmed, CompletedBuffer};
use ringport::{
    BackendChoice, ChainMut, Completion, Completions, Operation, Receive, RequestQueue, Send, Status,
    WaitOutcome,
};

use crate::common::rig::{Rig, fired, limits, pool};
use crate::common::{Random, on_each_backend, until};

on_each_backend!(fixed_seeds, a_seed_of_today);

const SLICE: usize = 32;
const RECEIVES: u32 = 24;
const SENDS: u32 = 12;

struct Posted {
    token: u64,
    slices: usize,
    addresses: bool,
    silent: bool,
}

struct Model {
    rig: Rig,
    random: Random,
    next: u64,
    posted: VecDeque<Posted>,
    waiting: VecDeque<Vec<u8>>,
    sends: VecDeque<(u64, Vec<u8>)>,
    deferred: usize,
    armed: bool,
    /// So many of the posted receives may be aborted.
    cancelled: usize,
    cancelled_sends: usize,
}

impl Model {
    fn new(choice: BackendChoice, seed: u64) -> Model {
        let mut rig = Rig::new(choice, limits(RECEIVES, SENDS));
        rig.pool = pool(SLICE, 400);
        rig.queue.resize(2 * (RECEIVES + SENDS) as usize).unwrap();
        Model {
            rig,
            random: Random::new(seed),
            next: 0,
            posted: VecDeque::new(),
            waiting: VecDeque::new(),
            sends: VecDeque::new(),
            deferred: 0,
            armed: false,
            cancelled: 0,
            cancelled_sends: 0,
        }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..=5 => self.post(),
            6..=9 => self.arrive(),
            10..=12 => self.send(),
            13 => self.commit(),
            14..=16 => self.dequeue(),
            17 => self.notify(),
            18 if self.random.below(8) == 0 => self.cancel(),
            19 if self.random.below(16) == 0 => self.close(),
            _ => self.resize(),
        }
        let outstanding = self.rig.requests.outstanding();
        assert_eq!(outstanding.receives as usize, self.posted.len());
        assert_eq!(outstanding.sends as usize, self.sends.len());
    }

    fn post(&mut self) {
        let slices = if self.random.below(40) == 0 { 2 + self.random.below(3) } else { 1 };
        let addresses = self.random.below(6) == 0;
        let silent = self.random.below(5) == 0;
        let mut options = if addresses { Receive::new().addresses() } else { Receive::new() };
        options = if silent { options.dont_notify() } else { options };
        let token = self.next;
        self.next += 1;
        let accepted = if slices == 1 {
            let buffer = self.rig.marked(token);
            self.rig.requests.receive_with(buffer, options, token).is_ok()
        } else {
            let chain: ChainMut = (0..slices).map(|_| self.rig.marked(token)).collect();
            self.rig.requests.receive_with(chain, options, token).is_ok()
        };
        assert_eq!(accepted, self.posted.len() < self.rig.requests.limits().receives as usize);
        if accepted {
            self.posted.push_back(Posted { token, slices, addresses, silent });
        }
    }

    fn arrive(&mut self) {
        // More would not fit into every socket's buffer.
        if self.waiting.len() >= 60 {
            return;
        }
        let length = [0, 1, 8, SLICE, SLICE + 1, 3 * SLICE, 500][self.random.below(7)];
        let bytes: Vec<u8> = (0..length).map(|_| self.random.next() as u8).collect();
        self.rig.arrive(&bytes);
        self.waiting.push_back(bytes);
    }

    fn send(&mut self) {
        let bytes = self.next.to_le_bytes()[..self.random.below(9)].to_vec();
        let mut options = Send::new().to(self.rig.client_address());
        let defer = self.random.below(2) == 0;
        options = if defer { options.defer() } else { options };
        let buffer = self.rig.filled(&bytes);
        let accepted = self.rig.requests.send_with(buffer, options, self.next).is_ok();
        assert_eq!(accepted, self.sends.len() < self.rig.requests.limits().sends as usize);
        if accepted {
            self.sends.push_back((self.next, bytes));
            self.deferred = if defer { self.deferred + 1 } else { 0 };
        }
        self.next += 1;
    }

    fn commit(&mut self) {
        self.rig.requests.commit();
        self.deferred = 0;
    }

    fn dequeue(&mut self) {
        let mut some = Completions::with_capacity(1 + self.random.below(40));
        let count = self.rig.queue.dequeue(&mut some);
        assert_eq!(count, some.len());
        some.drain().for_each(|completion| self.completed(completion));
    }

    fn completed(&mut self, completion: Completion) {
        if completion.operation() == Operation::Send {
            let (token, bytes) = self.sends.pop_front().expect("a send");
            assert_eq!(completion.token(), token);
            match completion.status() {
                Status::Success => assert_eq!(self.rig.reply(), bytes),
                status => assert_eq!((status, self.cancelled_sends > 0), (Status::Aborted, true)),
            }
            self.cancelled_sends = self.cancelled_sends.saturating_sub(1);
            return;
        }
        let posted = self.posted.pop_front().expect("a receive");
        assert_eq!(completion.token(), posted.token);
        if completion.status() == Status::Aborted {
            assert!(self.cancelled > 0);
        } else {
            let sent = self.waiting.pop_front().expect("a datagram");
            let room = SLICE * posted.slices;
            let status = if sent.len() > room { Status::Truncated } else { Status::Success };
            assert_eq!((completion.status(), completion.bytes()), (status, sent.len().min(room)));
            assert_eq!(completion.peer(), posted.addresses.then(|| self.rig.client_address()));
            let slices = match completion.into_buffer() {
                CompletedBuffer::Unique(buffer) => vec![buffer],
                CompletedBuffer::ChainMut(chain) => chain.into_buffers(),
                other => panic!("not what was posted: {other:?}"),
            };
            assert_eq!(slices.len(), posted.slices);
            assert!(slices.iter().all(|slice| slice.context() == posted.token));
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(bytes, sent[..sent.len().min(room)]);
        }
        self.cancelled = self.cancelled.saturating_sub(1);
    }

    fn notify(&mut self) {
        let answer = self.rig.queue.notify();
        assert_eq!(answer, if self.armed { Err(AlreadyArmed) } else { Ok(()) });
        // Loud: sends on the wire, receives that were cancelled or whose datagram has been sent.
        let done = self.waiting.len().max(self.cancelled);
        let loud = self.posted.iter().take(done).any(|posted| !posted.silent)
            || self.sends.len() > self.deferred
            || self.cancelled_sends > 0;
        if loud {
            fired(&mut self.rig.queue);
        } else {
            let outcome = self.rig.queue.wait(Some(Duration::from_micros(20))).unwrap();
            assert_eq!(outcome, WaitOutcome::TimedOut);
        }
        self.armed = !loud;
    }

    fn cancel(&mut self) {
        self.rig.requests.cancel();
        self.after_the_end();
    }

    fn close(&mut self) {
        // Its places are free once all of it is dequeued, and there is room for as many again.
        let (socket, queue) = (self.rig.socket.clone(), &self.rig.queue);
        let other = ringport::UdpSocket::bind("127.0.0.1:0").unwrap();
        let Ok(requests) = RequestQueue::new(&other, queue, queue, limits(1, 1), 77) else { return };
        drop(requests);
        self.rig.requests.cancel();
        self.after_the_end();
        self.drain_until(|model| model.posted.is_empty() && model.sends.is_empty());
        let fresh = limits(1 + self.random.below(RECEIVES as usize) as u32, SENDS);
        let queue = &self.rig.queue;
        let spare = RequestQueue::new(&other, queue, queue, limits(1, 0), 0).unwrap();
        drop(std::mem::replace(&mut self.rig.requests, spare));
        self.rig.requests = RequestQueue::new(&socket, queue, queue, fresh, 77).unwrap();
    }

    fn after_the_end(&mut self) {
        (self.cancelled, self.cancelled_sends, self.deferred) = (self.posted.len(), self.sends.len(), 0);
    }

    fn resize(&mut self) {
        let wanted = limits(
            1 + self.random.below(RECEIVES as usize) as u32,
            1 + self.random.below(SENDS as usize) as u32,
        );
        let fits = self.posted.len() <= wanted.receives as usize && self.sends.len() <= wanted.sends as usize;
        assert_eq!(self.rig.requests.resize(wanted).is_ok(), fits);
        assert_eq!(self.rig.queue.reserved(), {
            let limits = self.rig.requests.limits();
            (limits.receives + limits.sends) as usize
        });
    }

    fn drain_until(&mut self, done: impl Fn(&Model) -> bool) {
        until("the rest", || {
            self.dequeue();
            done(self).then_some(())
        });
    }

    /// Whatever can complete completes, and everything is given back.
    fn finish(mut self) {
        self.commit();
        self.drain_until(|model| {
            model.sends.is_empty() && (model.posted.is_empty() || model.waiting.is_empty())
        });
        self.cancel();
        self.drain_until(|model| model.posted.is_empty());
        self.dequeue();
        assert_eq!(self.rig.pool.figures().used, 0);
    }
}

fn run(choice: BackendChoice, seed: u64) {
    let mut model = Model::new(choice, seed);
    (0..1500).for_each(|_| model.step());
    model.finish();
}

fn fixed_seeds(choice: BackendChoice) {
    for seed in 1..=24 {
        eprintln!("seed {seed}");
        run(choice, seed);
    }
}

fn a_seed_of_today(choice: BackendChoice) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = now.as_nanos() as u64;
    eprintln!("seed {seed}");
    run(choice, seed);
}
