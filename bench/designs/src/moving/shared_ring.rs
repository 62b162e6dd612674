//! One ring that all threads use under a lock.
//!
//! ```text
//!   thread 1   │ lock: wait, take up to 256 │ handle                     │ lock ...
//!   thread 2   │ (sleeps on the lock)       │ wait, take up to 256       │ handle
//!                             ring, armed by one of them: the kernel's work runs on THAT thread,
//!                             which is woken for it wherever it sleeps
//! ```
//!
//! Armed anew on take-over, the work runs on the thread that waits, for the price of a cancellation each time the lock
//! changes hands.

use std::net::UdpSocket;
use std::sync::{Mutex, PoisonError};

use io_uring::{Builder, IoUring};
use ringport_stand::part::consume;

use crate::Failure;
use crate::receive::crew;
use ringport_stand::ring::Ring;

/// More than all threads can hold at a time, so that there is always one to fill.
const SLICES: u16 = 32_768;
/// Datagrams that a thread takes at a time, at most.
const MOST: usize = 256;

/// The flags that a ring has when none are asked for: threads are interrupted for the kernel's work.
pub(crate) fn plain(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    run(socket, threads, &mut IoUring::builder(), false)
}

/// `COOP_TASKRUN`: threads that run are not interrupted, those that sleep are woken.
pub(crate) fn cooperative(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    run(socket, threads, IoUring::builder().setup_coop_taskrun(), false)
}

/// As [`plain`], armed anew by each thread that takes the ring over.
pub(crate) fn take_over(socket: UdpSocket, threads: usize) -> Result<(), Failure> {
    run(socket, threads, &mut IoUring::builder(), true)
}

struct Shared {
    ring: Ring,
    /// Who armed it.
    owner: usize,
}

fn run(socket: UdpSocket, threads: usize, builder: &mut Builder, takes_over: bool) -> Result<(), Failure> {
    let ring = Ring::new(&socket, SLICES, builder)?;
    let slices = ring.slices();
    let shared = Mutex::new(Shared { ring, owner: 0 });
    crew(&socket, threads, |thread| {
        let mut arrived = Vec::with_capacity(MOST);
        let mut done = Vec::with_capacity(MOST);
        loop {
            {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                shared.ring.give_back(&mut done);
                if takes_over && shared.owner != thread && shared.ring.is_armed() {
                    shared.ring.cancel()?;
                    shared.arm(thread)?;
                    shared.ring.submit()?;
                }
                shared.ring.take(MOST, &mut arrived);
                while arrived.is_empty() {
                    if !shared.ring.is_armed() {
                        shared.arm(thread)?;
                    }
                    shared.ring.wait(1, None)?;
                    shared.ring.take(MOST, &mut arrived);
                }
            }
            for one in arrived.drain(..) {
                slices.see(&one, |payload, peer| consume(thread, payload, peer));
                done.push(one.id);
            }
        }
    })
}

impl Shared {
    fn arm(&mut self, thread: usize) -> Result<(), Failure> {
        self.owner = thread;
        self.ring.arm()
    }
}
