//! What every backend must give.
//!
//! The queue room keeps the requests, in post order; a backend moves their data and says when each has
//! completed. Nothing above this line names io_uring or epoll, and a new backend joins by implementing
//! [`Contract`] and adding one arm to [`super::open`].
//!
//! ```text
//!   queue/             RequestQueue::receive          CompletionQueue::dequeue
//!                              │ push_back                     ▲
//!   ───────────────────────────▼───────────────────────────────┼─────────────
//!   contract     Table ─► Attachment ─► ReceiveSide.posted     │ Vec<Completion>
//!                                   └─► SendSide.posted        │
//!   ───────────────────────────┬───────────────────────────────┼─────────────
//!   uring/, epoll/     publish / flush                       reap
//! ```
//!
//! Everything here is used by one thread at a time: on Linux the one that owns the completion queue.

mod attachment;
mod completion;
mod counters;
mod fifo;
mod payload;
mod request;
mod segmentation;
mod side;
mod table;

pub(crate) use attachment::Attachment;
pub use completion::{Completion, Operation, Status};
pub(crate) use completion::{Origin, Outcome};
pub use counters::RequestCounters;
pub(crate) use fifo::Fifo;
pub(crate) use payload::{Payload, spread};
pub(crate) use request::{Outward, PoolWait, ReceiveRequest, SendRequest, Source};
pub(crate) use segmentation::Segmentation;
pub(crate) use side::{Ended, Progress, ReceiveSide, SendSide, TakenReceive};
pub(crate) use table::Table;

use std::io;
use std::time::Duration;

use super::BackendKind;
use super::sys::event::{EventDescriptor, OwnedEvent};
use super::sys::movable::Movable;

/// The contract between a completion queue and the system under it.
///
/// A backend is driven by one thread only, or where it is [`Movable`] by one at a time. Whenever it is given the table it
/// may complete requests of any attachment in it: it removes the request from its side, in post order, and pushes one
/// [`Completion`].
pub(crate) trait Contract: std::fmt::Debug + Movable {
    /// Which backend this is, for reports.
    fn kind(&self) -> BackendKind;

    /// How many completions to take at a time when looking whether there are any.
    fn lookahead(&self) -> usize;

    /// Makes the socket of `key` known. Called once before any other call with that key. What the receive
    /// side holds already counts as posted. After an error nothing of it is kept.
    fn attach(&mut self, key: u32, attachment: &mut Attachment) -> Result<(), AttachError>;

    /// What the system calls the completion queue behind this, where it has such queues.
    fn completions(&self) -> Option<isize> {
        None
    }

    /// The next socket attached has receives only, and its sends complete in another queue: where the system is told of
    /// both at once, it is told now.
    fn pair(&mut self, _partner: Option<Partner>) {}

    /// Takes up receives that were posted since the last call. Makes no system call; the kernel may
    /// learn of them at the next [`reap`](Contract::reap) or [`wait`](Contract::wait).
    fn publish(&mut self, key: u32, attachment: &mut Attachment) -> io::Result<()>;

    /// Puts the sends of `key` on the wire, in the order of its side, as many as the socket takes, and pushes their
    /// completions. What does not fit leaves later by itself, as soon as the socket is writable.
    fn flush(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>);

    /// Moves at most `max` completions to `out`, in the order they completed; returns how many.
    fn reap(&mut self, table: &mut Table, out: &mut Vec<Completion>, max: usize, effort: Effort) -> usize;

    /// Sleeps until something may have completed, a wake-up was asked for, or the time is over. Returning
    /// early without a reason is allowed; sleeping past a completion is not.
    fn wait(&mut self, table: &mut Table, time: Option<Duration>, gather: Duration) -> io::Result<()>;

    /// Ends everything in flight for `key`. When this returns `Ok`, the kernel holds no memory of it; its
    /// unfinished requests are still in their sides, for the caller to complete as aborted. On an error
    /// the memory must never be freed.
    fn quiesce(&mut self, key: u32, table: &mut Table, out: &mut Vec<Completion>) -> io::Result<()>;

    /// After [`quiesce`](Contract::quiesce) failed: whether the kernel lets go of what it has of `key` once its socket is
    /// closed. Then the attachment stays, without the socket if its owner is done with it, and what ends completes as
    /// ever; nothing else begins.
    fn lingers(&self, _key: u32) -> bool {
        false
    }

    /// A key that has lingered, and of which the kernel has nothing any more; each is told once.
    fn settled(&mut self) -> Option<u32> {
        None
    }

    /// Lets a quiesced `key` take requests again, or one that lingers.
    fn resume(&mut self, key: u32);

    /// Forgets a quiesced `key`.
    fn detach(&mut self, key: u32, attachment: &mut Attachment);

    /// Makes [`wait`](Contract::wait) return when `wake` is signalled. Called once, before the first use
    /// from another thread.
    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()>;

    /// What becomes readable when a completion may have arrived while it is armed, or when `event`, the queue's own
    /// event, is signalled; `None` when `event` itself is signalled for completions, too.
    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>>;

    /// Arms or disarms the descriptor.
    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()>;

    /// Keys of streams that have bytes and found no slice for them in their pool. They are left alone until
    /// [`replenished`](Contract::replenished).
    fn dry(&self) -> &[u32];

    /// Their pools may have slices again.
    fn replenished(&mut self, table: &mut Table);

    /// Counts a system call that was made for it.
    fn count_call(&mut self);

    /// System calls made so far, for reports and tests.
    fn system_calls(&self) -> u64;

    /// An error that stopped the backend for good, once there was one.
    fn fault(&self) -> Option<i32>;
}

/// Where the sends of a socket complete whose receives complete elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partner {
    /// What the system calls that completion queue.
    pub(crate) queue: isize,
    /// How many there may be.
    pub(crate) sends: u32,
}

/// Why a backend does not take a socket.
#[derive(Debug)]
pub(crate) enum AttachError {
    /// It has as many as it can, which are so many.
    #[cfg_attr(windows, expect(dead_code, reason = "no backend there counts sockets"))]
    Full(usize),
    /// So many bytes of it would count as locked memory, and no more may.
    #[cfg_attr(windows, expect(dead_code, reason = "what the system locks there it says by its own errors"))]
    Locked(usize),
    /// What the system said.
    System(io::Error),
}

impl From<io::Error> for AttachError {
    fn from(source: io::Error) -> AttachError {
        AttachError::System(source)
    }
}

/// How far [`Contract::reap`] may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Read memory shared with the kernel, no system call.
    Memory,
    /// Make the calls that are known to bring something.
    Known,
    /// Also make a call to find out.
    Kernel,
}
