//! What the handles of a port, its threads and its queues share.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Seat;
use super::poller::Poller;
use super::scheduler::{Refusal, Scheduler, Step};
use super::watcher::MonitorDesk;
use crate::backend::plain::Done;
use crate::port::builder::CompletionPortBuilder;
use crate::port::error::{PacketRefused, PortError, PortWaitError};
use crate::port::membership;
use crate::port::operation::Operations;
use crate::port::packet::Packet;
use crate::queue::{Deliver, Holder, Ready};

/// Packets for which there is room from the start.
const FIRST_ROOM: usize = 1024;

/// See the module.
pub(crate) struct PortCore {
    pub(super) scheduler: Scheduler<Packet>,
    pub(in crate::port) concurrency: usize,
    queue_limit: usize,
    poller: OnceLock<Arc<dyn Poller>>,
    pub(super) monitor: MonitorDesk,
    /// The completion queues on it.
    queues: Mutex<Vec<Weak<dyn Holder>>>,
    pub(in crate::port) operations: Operations,
}

impl PortCore {
    pub(in crate::port) fn new(options: &CompletionPortBuilder) -> Result<PortCore, PortError> {
        let concurrency = match options.concurrency {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        Ok(PortCore {
            scheduler: Scheduler::new(concurrency, FIRST_ROOM),
            concurrency,
            queue_limit: options.queue_limit,
            poller: OnceLock::new(),
            monitor: MonitorDesk::new(options.monitor),
            queues: Mutex::new(Vec::new()),
            operations: Operations::new(options.backend, options.file_threads),
        })
    }

    pub(in crate::port) fn join(self: &Arc<PortCore>, seat: &Arc<Seat>) {
        let threads = self.scheduler.change(|state| {
            state.seats.push(Arc::clone(seat));
            state.seats.len()
        });
        if threads > 1 {
            self.monitor.begin(self);
        }
    }

    pub(super) fn scheduler(&self) -> &Scheduler<Packet> {
        &self.scheduler
    }

    pub(super) fn monitor(&self) -> &MonitorDesk {
        &self.monitor
    }

    /// A thread ends, or goes to another port.
    pub(in crate::port) fn leave(&self, seat: &Arc<Seat>) {
        self.scheduler.change(|state| state.leave(seat));
    }

    pub(super) fn queues(&self) -> MutexGuard<'_, Vec<Weak<dyn Holder>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets another thread go on in place of the calling one, until what is returned is dropped. On a thread that
    /// does not belong to the port there is nothing to do.
    pub(in crate::port) fn begin_blocking(self: &Arc<PortCore>) -> Option<Blocking<'_>> {
        let seat = membership::seat_at(self)?;
        let begun = self.scheduler.change(|state| state.begin_blocking(&seat));
        begun.then(|| Blocking { core: self, seat })
    }

    pub(in crate::port) fn wait(
        self: &Arc<PortCore>,
        time: Option<Duration>,
        most: usize,
        out: &mut dyn FnMut(Packet),
    ) -> Result<usize, PortWaitError> {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let mut member = membership::enter(self);
        let seat = &member.seat;
        let out: &mut dyn FnMut(Packet) = &mut |packet| out(received(packet, seat.number));
        let mut step = self.scheduler.begin(seat, most, out);
        let mut failure = None;
        let result = loop {
            step = match step {
                Step::Taken(count) => break Ok(count),
                Step::Closed => {
                    // What this thread found in the kernel while the port was being closed.
                    self.drop_packets();
                    break Err(PortWaitError::Closed);
                }
                Step::TimedOut => break Err(failure.map_or(PortWaitError::TimedOut, PortWaitError::Failed)),
                Step::Sleep => {
                    // What failed before is not why this sleep ends.
                    failure = None;
                    self.scheduler.sleep(seat, deadline, most, out)
                }
                Step::Look => {
                    let looked = self.poll(Some(Duration::ZERO), most, &mut member.room);
                    // A failure shows again where nothing else is there to do.
                    drop(looked);
                    self.scheduler.polled(seat, member.room.drain(..), false, most, out)
                }
                Step::Poll => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                    failure = self.poll(left, most, &mut member.room).err();
                    let over =
                        failure.is_some() || deadline.is_some_and(|deadline| Instant::now() >= deadline);
                    self.scheduler.polled(seat, member.room.drain(..), over, most, out)
                }
            };
        };
        membership::put_back(member);
        result
    }

    fn poll(&self, time: Option<Duration>, most: usize, made: &mut Vec<Packet>) -> io::Result<()> {
        self.poller.get().map_or(Ok(()), |poller| poller.poll(time, most, made))
    }

    /// From now on waiting threads look for completions at `poller`, too. Only the first call counts.
    pub(super) fn begin_polling(&self, poller: Arc<dyn Poller>) {
        let poked = Arc::clone(&poller);
        if self.poller.set(poller).is_ok() {
            self.scheduler.begin_polling(Box::new(move || poked.poke()));
        }
    }

    /// Queues a packet of the program's own.
    pub(in crate::port) fn post(&self, key: u64, value: u64) -> Result<(), PacketRefused> {
        let limit = self.queue_limit;
        let posted = self.scheduler.post(Packet::Posted { key, value }, limit);
        posted.map_err(|(refusal, _)| match refusal {
            Refusal::Closed => PacketRefused::Closed,
            Refusal::Full => PacketRefused::Full { limit },
        })
    }

    /// Queues the packet of an operation, which has its place already. A closed port drops it.
    pub(in crate::port) fn deliver_operation(&self, done: Done) {
        let _ = self.scheduler.post(Packet::Operation(done), usize::MAX);
    }

    pub(in crate::port) fn close(&self) {
        self.scheduler.change(|state| state.closed = true);
        self.drop_packets();
        self.operations.close();
    }

    /// Drops the packets of a closed port.
    fn drop_packets(&self) {
        let packets = self.scheduler.change(|state| {
            state.dropped += state.packets.len() as u64;
            std::mem::take(&mut state.packets)
        });
        // Outside of the lock: what a packet owns may have something to say to the port.
        drop(packets);
    }
}

/// What a packet is to learn of the thread that takes it, whose number is known: to ask the system for it would be a
/// call under the lock.
#[inline]
fn received(packet: Packet, thread: u32) -> Packet {
    if let Packet::Ready(ready) = &packet {
        ready.taken(thread);
    }
    packet
}

impl Deliver for PortCore {
    fn deliver(&self, ready: Ready) -> Result<(), Ready> {
        match self.scheduler.post(Packet::Ready(ready), usize::MAX) {
            Err((_, Packet::Ready(ready))) => Err(ready),
            _ => Ok(()),
        }
    }

    fn register(&self, queue: Weak<dyn Holder>) {
        let mut queues = self.queues();
        queues.retain(|queue| queue.strong_count() > 0);
        queues.push(queue);
    }
}

/// Ends a blocking scope, also by a panic.
pub(in crate::port) struct Blocking<'port> {
    core: &'port PortCore,
    seat: Arc<Seat>,
}

impl Drop for Blocking<'_> {
    fn drop(&mut self) {
        self.core.scheduler.change(|state| state.end_blocking(&self.seat));
    }
}
