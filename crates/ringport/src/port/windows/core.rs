//! What the handles of a port, its threads and its queues share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Seat;
use super::places::{NoPlace, Places};
use super::queues::Queues;
use super::seat::Standing;
use crate::backend::plain::{Done, Engine};
use crate::backend::{BackendChoice, BackendError, Landing, PacketPort, PacketRoom, Taken};
use crate::port::builder::CompletionPortBuilder;
use crate::port::error::{PacketRefused, PortError, PortWaitError};
use crate::port::membership;
use crate::port::operation::Operations;
use crate::port::packet::Packet;
use crate::queue::{Deliver, Drainer, Holder, Ready, Station};

/// See the module.
pub(crate) struct PortCore {
    pub(super) packets: PacketPort<Drainer>,
    pub(super) places: Places,
    pub(in crate::port) concurrency: usize,
    queue_limit: usize,
    /// Packets that nobody took before the port was closed.
    pub(super) dropped: AtomicU64,
    seats: Mutex<Vec<Arc<Seat>>>,
    /// The completion queues on it.
    pub(super) queues: Queues,
    pub(in crate::port) operations: Operations,
    /// Held while the port is being closed, so that whoever closes it finds it closed.
    pub(super) closing: Mutex<()>,
}

impl PortCore {
    pub(in crate::port) fn new(options: &CompletionPortBuilder) -> Result<PortCore, PortError> {
        let concurrency = match options.concurrency {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let packets = PacketPort::new(concurrency)
            .map_err(|source| PortError::System { what: "making a completion port", source })?;
        Ok(PortCore {
            packets,
            places: Places::default(),
            concurrency,
            queue_limit: options.queue_limit,
            dropped: AtomicU64::new(0),
            seats: Mutex::default(),
            queues: Queues::default(),
            operations: Operations::new(options.backend, options.file_threads),
            closing: Mutex::default(),
        })
    }

    /// Opens the engine, which from now on completes on this port. The system reads and writes files without threads
    /// of ours.
    pub(in crate::port) fn open_engine(
        &self,
        choice: BackendChoice,
        _file_threads: usize,
    ) -> Result<Arc<Engine>, BackendError> {
        self.packets.open_engine(choice).map(Arc::new)
    }

    pub(in crate::port) fn join(&self, seat: &Arc<Seat>) {
        self.seats().push(Arc::clone(seat));
    }

    /// A thread ends, or goes to another port.
    pub(in crate::port) fn leave(&self, seat: &Arc<Seat>) {
        self.seats().retain(|other| !Arc::ptr_eq(other, seat));
    }

    pub(super) fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the calling thread blocks, until what is returned is dropped. The system notices by itself, so this
    /// is for the figures.
    pub(in crate::port) fn begin_blocking(self: &Arc<PortCore>) -> Option<Blocking> {
        let seat = membership::seat_at(self).filter(|seat| seat.standing() == Standing::Running)?;
        seat.set_standing(Standing::Blocked);
        Some(Blocking(seat))
    }

    pub(in crate::port) fn wait(
        self: &Arc<PortCore>,
        time: Option<Duration>,
        most: usize,
        out: &mut dyn FnMut(Packet),
    ) -> Result<usize, PortWaitError> {
        let mut member = membership::enter(self);
        member.seat.set_standing(Standing::Waiting);
        let result = self.take(time, most, &mut member.room, member.seat.number, out);
        let standing = match result {
            Err(PortWaitError::Closed) => Standing::Outside,
            _ => Standing::Running,
        };
        member.seat.set_standing(standing);
        membership::put_back(member);
        if standing == Standing::Outside {
            self.wake_waiting();
        }
        result
    }

    fn take(
        &self,
        time: Option<Duration>,
        most: usize,
        room: &mut PacketRoom,
        thread: u32,
        out: &mut dyn FnMut(Packet),
    ) -> Result<usize, PortWaitError> {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let (mut left, mut count) = (time, 0);
        loop {
            if self.places.is_closed() {
                return Err(PortWaitError::Closed);
            }
            let taken = self.packets.take(room, most, left, |taken| {
                if let Some(packet) = self.receive(taken, thread) {
                    count += 1;
                    out(packet);
                }
            });
            match taken {
                Err(error) => return Err(PortWaitError::Failed(error)),
                Ok(_) if count > 0 => return Ok(count),
                Ok(true) => return Err(PortWaitError::TimedOut),
                // A wake-up, or an operation that goes on.
                Ok(false) => {
                    left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                }
            }
        }
    }

    /// A packet for the thread of this number. Whether it is the thread's or the end's is decided by the step that
    /// gives its place back: what is taken from a closed port is dropped.
    pub(super) fn receive(&self, taken: Taken<Drainer>, thread: u32) -> Option<Packet> {
        let (packet, is_open) = match taken {
            Taken::Wake => return None,
            Taken::Numbers { key, value } => (Packet::Posted { key, value }, self.places.give_back()),
            Taken::Boxed { value, number } => {
                (Packet::Ready(Ready::from_parts(value, number)), self.places.give_back())
            }
            Taken::Queue { number, arrival } => {
                // One that is gone has late packets, of operations that it has seen the end of.
                let queue = self.queues.find(number)?;
                if self.places.is_closed() {
                    queue.passed(arrival);
                    return None;
                }
                (Packet::Ready(queue.arrived(arrival)?), !self.places.is_closed())
            }
            Taken::Operation(done) => (Packet::Operation(done), !self.places.is_closed()),
        };
        if !is_open {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if let Packet::Ready(ready) = &packet {
            ready.taken(thread);
        }
        Some(packet)
    }

    /// Queues a packet of the program's own.
    pub(in crate::port) fn post(&self, key: u64, value: u64) -> Result<(), PacketRefused> {
        let limit = self.queue_limit;
        self.places.take(limit as u64).map_err(|refused| match refused {
            NoPlace::Closed => PacketRefused::Closed,
            NoPlace::Full => PacketRefused::Full { limit },
        })?;
        self.packets.post_numbers(key, value).map_err(|_| {
            self.places.give_back();
            PacketRefused::NoMemory
        })
    }

    /// Nothing comes this way: the system queues the packets of operations by itself, and the engine tells of others
    /// only to whoever started them.
    pub(in crate::port) fn deliver_operation(&self, done: Done) {
        drop(done);
    }
}

impl Station for PortCore {
    fn landing(&self) -> Arc<Landing> {
        self.packets.landing()
    }
}

impl Deliver for PortCore {
    fn deliver(&self, ready: Ready) -> Result<(), Ready> {
        if self.places.take(u64::MAX).is_err() {
            return Err(ready);
        }
        let (right, left) = match ready.into_parts() {
            Ok(parts) => parts,
            // It was given up before.
            Err(ready) => {
                self.places.give_back();
                return Err(ready);
            }
        };
        self.packets.post_box(right, left).map_err(|right| {
            self.places.give_back();
            Ready::from_parts(right, left)
        })
    }

    fn register(&self, queue: Weak<dyn Holder>) {
        self.queues.add(queue);
    }
}

/// Ends a blocking scope, also by a panic.
pub(in crate::port) struct Blocking(Arc<Seat>);

impl Drop for Blocking {
    fn drop(&mut self) {
        // A wait inside of the scope has ended it.
        if self.0.standing() == Standing::Blocked {
            self.0.set_standing(Standing::Running);
        }
    }
}
