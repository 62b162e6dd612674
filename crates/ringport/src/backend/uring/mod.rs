//! The io_uring backend.
//!
//! One ring a completion queue, owned by one thread. Each socket has at most one receive request in the
//! kernel, a multishot one, which fills the slices of the socket's provided-buffer ring in post order and
//! stays armed from datagram to datagram. So a post is a write to memory, and the cost of a datagram does
//! not grow with the number of receives posted, as it would with a request for each: every armed poll on
//! a socket is woken by every datagram.
//!
//! ```text
//!  ReceiveSide.posted   [ r0  r1  r2  r3  r4  r5 ... ]      in post order
//!                         │   │   │   │
//!  BufferRing           [ s0  s1  s2  s3 ]                  the first of them, shared with the kernel
//!                         ▲
//!  multishot recv(msg) ───┘ fills the oldest, posts a completion, stays armed
//! ```
//!
//! Connections have one request each, too, and no ring of their own: their pooled receives take slices of a group that
//! all of a pool share, a bundle at a time. What else they do goes by a poll and calls. Listeners have an accept that
//! stays armed as long as more than one is posted.
//!
//! Setup with `SINGLE_ISSUER | DEFER_TASKRUN`: the kernel's part of the work runs inside our own calls
//! and never interrupts the thread. `TASKRUN_FLAG` shows in shared memory that such work waits, which is
//! how a dequeue that finds nothing needs no system call.

mod buffer_ring;
mod calls;
mod cancelling;
mod contract;
mod group;
mod kernel;
mod probe;
mod reap;
mod ring_ids;
mod sending;
mod socket;
mod streaming;
mod tag;
mod trials;

pub(crate) use group::SLICES as SHARED_SLICES;
pub(crate) use probe::{Features, build, probe};

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;

use io_uring::{IoUring, opcode, types};

use self::group::Groups;
use self::kernel::Kernel;
use self::ring_ids::RingIds;
use self::socket::Socket;
use self::tag::{Tag, user_data};
use super::contract::Completion;
use super::transfer::Transfer;
use super::turns::Turns;

/// Rounds over sockets known to be readable before the kernel is asked for the others, and completions.
const ROUNDS: u32 = 16;
const AROUND: usize = 64;
/// Completions in one turn of a socket that receives by calls, as many as the kernel gives one that does not.
const TURN: usize = 32;

/// One ring with the sockets on it.
#[derive(Debug)]
pub(crate) struct Uring {
    kernel: Kernel,
    /// By key of the attachment.
    sockets: Vec<Option<Socket>>,
    ring_ids: RingIds,
    /// What connections receive into without a call.
    groups: Groups,
    /// Completions for which there was no room: one entry of the kernel may stand for several.
    spilled: VecDeque<Completion>,
    transfer: Transfer,
    /// Sockets whose receives by calls may find data without waiting.
    readable: Turns,
    /// Sockets whose blocked sends may leave now.
    writable: Turns,
    /// Streams that have bytes, and whose pool has no slice for them.
    dry: Vec<u32>,
    /// Rounds over those that are readable, and completions they brought since the kernel was asked for the others.
    rounds: u32,
    brought: usize,
    /// The event that other threads signal; its owner keeps it open as long as this ring.
    wake: Option<RawFd>,
}

impl Uring {
    /// Opens a ring whose completion queue suits `size` requests.
    pub(crate) fn open(size: usize, features: &Features) -> io::Result<Uring> {
        let ring: IoUring = probe::build(size, features)?;
        Ok(Uring {
            kernel: Kernel::new(ring, features.minimum_wait),
            sockets: Vec::new(),
            ring_ids: RingIds::default(),
            groups: Groups::new(features),
            spilled: VecDeque::new(),
            transfer: Transfer::new(),
            readable: Turns::default(),
            writable: Turns::default(),
            dry: Vec::new(),
            rounds: 0,
            brought: 0,
            wake: None,
        })
    }

    fn socket_mut(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Makes room for a turn of each socket, so that no traffic allocates for one.
    fn make_room(&mut self) {
        let sockets = self.sockets.len();
        self.readable.make_room(sockets);
        self.writable.make_room(sockets);
        self.dry.reserve(sockets.saturating_sub(self.dry.len()));
    }

    /// Now and then, whether the kernel has anything of the other sockets, lest vectored ones that always
    /// have data keep them from being served.
    fn is_turn_of_others(&mut self) -> bool {
        self.rounds += 1;
        if self.rounds < ROUNDS && self.brought < AROUND {
            return false;
        }
        (self.rounds, self.brought) = (0, 0);
        self.kernel.has_work()
    }

    /// Queues a poll of the wake-up event that stays armed.
    fn arm_wake(&mut self) -> io::Result<()> {
        let Some(wake) = self.wake else { return Ok(()) };
        let poll = opcode::PollAdd::new(types::Fd(wake), libc::POLLIN as _).multi(true).build();
        // SAFETY: a poll points at no memory; the kernel holds the descriptor's file itself.
        unsafe { self.kernel.push(&poll.user_data(user_data(0, Tag::Wake))) }
    }

    /// The kernel ended that poll, for lack of room for its completion: queue it anew.
    fn rearm_wake(&mut self) {
        // A failure has set the fault, which the next wait reports.
        let _ = self.arm_wake();
    }
}
