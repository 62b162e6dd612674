//! A pump: one thread owns the ring and moves completions into a queue that any thread may drain.
//!
//! ```text
//!   pump thread     ring ──gather 50 us──► completions ──► ┌─────────────────┐
//!   (SINGLE_ISSUER, DEFER_TASKRUN)                         │ queue, one in,  │ ──► the thread that has the right
//!        ▲                                                 │ one out         │
//!        └──────────── ids of slices that are done ◄───────┴─────────────────┘
//!
//!   the right to drain: the queue's reading end itself.   armed ──push──► posted ──wait──► taken ──re-arm──► armed
//! ```
//!
//! Threads that come, go, spin or block cannot hurt the ring. `at_once` re-arms as soon as a batch is taken;
//! `hybrid` does so only after a large one, and otherwise stays until nothing is left.

use std::net::UdpSocket;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use io_uring::IoUring;
use ringport_stand::part::consume;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::Failure;
use crate::receive::crew;
use ringport_stand::ring::Ring;
use ringport_stand::slices::{Arrived, Slices};

const SLICES: u16 = 4096;
/// How long completions are gathered, unless there are so many.
pub(super) const GATHER: Duration = Duration::from_micros(50);
pub(super) const WANT: usize = 512;
/// Datagrams that a thread takes at a time, at most.
const MOST: usize = 1000;
/// A batch from here on is a reason to let another thread join in.
const THRESHOLD: usize = 666;

pub(crate) fn at_once(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    run(socket, threads, 0)
}

pub(crate) fn hybrid(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    run(socket, threads, THRESHOLD)
}

/// Where the right to drain is.
enum Right {
    /// Waiting for something to drain.
    Armed(Consumer<Arrived>),
    /// Waiting for a thread.
    Posted(Consumer<Arrived>),
    Taken,
}

struct Shared {
    right: Mutex<Right>,
    posted: Condvar,
    done: Mutex<Vec<u16>>,
    returned: Condvar,
}

/// A thread that failed has ended the process, so no lock is ever poisoned.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(socket: UdpSocket, threads: usize, threshold: usize) -> Result<(), Failure> {
    let (producer, consumer) = RingBuffer::new(usize::from(SLICES));
    let shared = Shared {
        right: Mutex::new(Right::Armed(consumer)),
        posted: Condvar::new(),
        done: Mutex::new(Vec::with_capacity(usize::from(SLICES))),
        returned: Condvar::new(),
    };
    // Its memory is needed by all, its ring only by the pump.
    let slices = std::sync::OnceLock::new();
    let producer = Mutex::new(Some(producer));
    crew(&socket, threads + 1, |thread| {
        if thread == threads {
            let Some(producer) = locked(&producer).take() else { return Ok(()) };
            let flags = &mut IoUring::builder();
            let ring = Ring::new(&socket, SLICES, flags.setup_single_issuer().setup_defer_taskrun())?;
            slices.get_or_init(|| ring.slices());
            return pump(ring, producer, &shared);
        }
        let mut arrived = Vec::with_capacity(MOST);
        loop {
            let mut right = Some(shared.wait());
            while let Some(mut consumer) = right.take() {
                take(&mut consumer, &mut arrived);
                if arrived.len() >= threshold {
                    shared.arm(consumer);
                    handle(thread, *slices.wait(), &mut arrived, &shared);
                } else {
                    handle(thread, *slices.wait(), &mut arrived, &shared);
                    right = shared.arm_if_empty(consumer);
                }
            }
        }
    })
}

fn pump(mut ring: Ring, mut producer: Producer<Arrived>, shared: &Shared) -> Result<(), Failure> {
    let mut arrived = Vec::with_capacity(usize::from(SLICES));
    let mut done = Vec::with_capacity(usize::from(SLICES));
    loop {
        shared.collect(&mut done, ring.has_free());
        ring.give_back(&mut done);
        if !ring.is_armed() {
            ring.arm()?;
        }
        ring.wait(WANT, Some(GATHER))?;
        ring.take(usize::MAX, &mut arrived);
        for one in arrived.drain(..) {
            // There are as many places as slices.
            producer.push(one).map_err(|_| "the queue is full")?;
        }
        shared.post();
    }
}

fn take(consumer: &mut Consumer<Arrived>, arrived: &mut Vec<Arrived>) {
    while arrived.len() < MOST
        && let Ok(one) = consumer.pop()
    {
        arrived.push(one);
    }
}

fn handle(thread: usize, slices: Slices, arrived: &mut Vec<Arrived>, shared: &Shared) {
    for one in arrived.iter() {
        slices.see(one, |payload, peer| consume(thread, payload, peer));
    }
    locked(&shared.done).extend(arrived.drain(..).map(|one| one.id));
    shared.returned.notify_one();
}

impl Shared {
    /// Sleeps until the right is posted, and takes it.
    fn wait(&self) -> Consumer<Arrived> {
        let mut right = locked(&self.right);
        loop {
            match std::mem::replace(&mut *right, Right::Taken) {
                Right::Posted(consumer) => return consumer,
                other => *right = other,
            }
            right = self.posted.wait(right).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Posts the right if it waits for something to drain.
    fn post(&self) {
        let mut right = locked(&self.right);
        match std::mem::replace(&mut *right, Right::Taken) {
            Right::Armed(consumer) => {
                *right = Right::Posted(consumer);
                self.posted.notify_one();
            }
            other => *right = other,
        }
    }

    /// Re-arms; another thread is woken at once if something is left.
    fn arm(&self, consumer: Consumer<Arrived>) {
        if let Some(consumer) = self.arm_if_empty(consumer) {
            *locked(&self.right) = Right::Posted(consumer);
            self.posted.notify_one();
        }
    }

    /// Re-arms unless something is left, which gives the right back.
    fn arm_if_empty(&self, consumer: Consumer<Arrived>) -> Option<Consumer<Arrived>> {
        let mut right = locked(&self.right);
        // Looked at under the lock that the pump takes after each push.
        if consumer.is_empty() {
            *right = Right::Armed(consumer);
            return None;
        }
        Some(consumer)
    }

    /// Takes what the threads are done with; where the kernel has nothing left to fill, sleeps until there is some.
    fn collect(&self, ids: &mut Vec<u16>, has_free: bool) {
        let mut done = locked(&self.done);
        while done.is_empty() && !has_free {
            done = self.returned.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(ids, &mut done);
    }
}
