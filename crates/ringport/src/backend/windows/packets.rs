//! A completion port with packets of four kinds: two numbers, a value in a box, the end of an operation, and what concerns
//! a completion queue.
//!
//! ```text
//!                  byte count          completion key      OVERLAPPED
//!   two numbers    u32::MAX            the key             the value
//!   a boxed value  u32::MAX - 1        a number beside it  the box
//!   a wake-up      u32::MAX - 2
//!   an operation   what it transferred   0                 its place, pinned
//!     told by us   u32::MAX - 3                            its place, pinned
//!   of a queue     anything              its number        what has ended, or null
//! ```
//!
//! A packet of the system has three fields, and for packets of ours none of them means what it is called. The byte
//! count tells the kinds apart: no operation of ours is so long. So posting allocates nothing. Packets of a queue are the
//! system's, too: of operations that carry its requests, and of `RIONotify`.

use std::io;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::iocp::{Entries, Entry, Iocp};
use super::landing::{Arrival, Landing};
use super::operations::{self, Engine, Nodes};
use crate::backend::plain::Done;
use crate::backend::{BackendChoice, BackendError};

const NUMBERS: u32 = u32::MAX;
const BOXED: u32 = u32::MAX - 1;
const WAKE: u32 = u32::MAX - 2;
/// An operation whose end the system does not tell by itself.
pub(super) const TOLD: u32 = u32::MAX - 3;
/// The longest operation: its byte count is none of the above.
pub(super) const LONGEST: usize = u32::MAX as usize - 16;

/// What a packet turned out to be.
pub(crate) enum Taken<B> {
    Numbers { key: u64, value: u64 },
    Boxed { value: Box<B>, number: usize },
    Operation(Done),
    Queue { number: usize, arrival: Arrival },
    Wake,
}

/// Room for the packets of one look, kept by the thread that looks.
pub(crate) struct Room(Entries);

impl Room {
    pub(crate) fn new(most: usize) -> Room {
        Room(Entries::with_capacity(most))
    }
}

/// See the module. All values in boxes are of one type, so that each is known when it comes back.
#[derive(Debug)]
pub(crate) struct PacketPort<B> {
    port: Arc<Iocp>,
    /// Where the operations of its engine are.
    nodes: Arc<Nodes>,
    /// Numbers of queues that were given. None is given twice: sockets keep that of their queue for good.
    numbers: AtomicUsize,
    boxes: PhantomData<fn(Box<B>) -> Box<B>>,
}

impl<B: Send> PacketPort<B> {
    /// Makes one on which `concurrency` threads run at once. More than the system counts are all there can be: cut to its
    /// width, the number could be 0, which would mean as many as there are processors.
    pub(crate) fn new(concurrency: usize) -> io::Result<PacketPort<B>> {
        let concurrency = u32::try_from(concurrency).unwrap_or(u32::MAX);
        Ok(PacketPort {
            port: Arc::new(Iocp::new(concurrency)?),
            nodes: Arc::new(Nodes::new()),
            numbers: AtomicUsize::new(0),
            boxes: PhantomData,
        })
    }

    /// Opens an engine whose operations end on this port.
    pub(crate) fn open_engine(&self, choice: BackendChoice) -> Result<Engine, BackendError> {
        Engine::open(choice, Arc::clone(&self.port), Arc::clone(&self.nodes))
    }

    /// A place for the packets of a new completion queue.
    pub(crate) fn landing(&self) -> Arc<Landing> {
        // Zero is the key of operations.
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Landing::new(Arc::clone(&self.port), number))
    }

    /// Queues two numbers.
    pub(crate) fn post_numbers(&self, key: u64, value: u64) -> io::Result<()> {
        self.port.post(NUMBERS, key as usize, ptr::without_provenance_mut(value as usize))
    }

    /// Queues a value, and a number beside it; hands the value back if the system has no memory for the packet.
    pub(crate) fn post_box(&self, value: Box<B>, number: usize) -> Result<(), Box<B>> {
        let value = Box::into_raw(value);
        // SAFETY: no packet has it, so it is ours still.
        self.port.post(BOXED, number, value.cast()).map_err(|_| unsafe { Box::from_raw(value) })
    }

    /// Ends the wait of one thread.
    pub(crate) fn wake(&self) -> io::Result<()> {
        self.port.post(WAKE, 0, ptr::null_mut())
    }

    /// Waits for packets and gives up to `most` of them to `out`. It may come back with none before the time is over,
    /// when an operation was not done yet; whether the time is over is told.
    pub(crate) fn take(
        &self,
        room: &mut Room,
        most: usize,
        time: Option<Duration>,
        mut out: impl FnMut(Taken<B>),
    ) -> io::Result<bool> {
        if most == 1 {
            let entry = self.port.take(time)?;
            if let Some(taken) = entry.and_then(|entry| self.open(entry)) {
                out(taken);
            }
            return Ok(entry.is_none());
        }
        room.0.make_room(most);
        let mut is_over = true;
        for entry in self.port.take_many(&mut room.0, most, time)? {
            is_over = false;
            if let Some(taken) = self.open(entry) {
                out(taken);
            }
        }
        Ok(is_over)
    }

    /// `None` for an operation that goes on, and for a call that somebody else has made on a socket of the port.
    fn open(&self, entry: Entry) -> Option<Taken<B>> {
        match entry.bytes {
            NUMBERS => Some(Taken::Numbers { key: entry.key as u64, value: entry.overlapped.addr() as u64 }),
            BOXED => {
                // SAFETY: only `post_box` of this type sends such packets, and each is taken once.
                let value = unsafe { Box::from_raw(entry.overlapped.cast::<B>()) };
                Some(Taken::Boxed { value, number: entry.key })
            }
            WAKE => Some(Taken::Wake),
            _ if entry.key != 0 => {
                Some(Taken::Queue { number: entry.key, arrival: Arrival(entry.overlapped) })
            }
            _ => operations::complete(entry, &self.nodes).map(Taken::Operation),
        }
    }
}
