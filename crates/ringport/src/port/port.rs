//! The completion port itself.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::builder::CompletionPortBuilder;
use super::counters::PortCounters;
use super::error::{PacketRefused, PortError, PortWaitError};
use super::membership;
use super::monitor::MonitorDesk;
use super::operation::Operations;
use super::packet::{Packet, Packets};
use super::poller::Poller;
use super::scheduler::{Refusal, Scheduler, Step};
use super::seat::{Seat, Standing};
use crate::queue::{Deliver, HeldRight, Holder, Ready, Target};

/// Packets for which there is room from the start.
const FIRST_ROOM: usize = 1024;

/// What the handles of a port, its threads and its queues share.
pub(crate) struct PortCore {
    scheduler: Scheduler<Packet>,
    concurrency: usize,
    queue_limit: usize,
    poller: OnceLock<Arc<dyn Poller>>,
    monitor: MonitorDesk,
    /// The completion queues on it.
    queues: Mutex<Vec<Weak<dyn Holder>>>,
    pub(super) operations: Operations,
}

/// A completion port: packets from many sources for many threads, of which only so many run at once.
///
/// It is a handle; its clones are the same port. When the last is dropped the port is closed.
///
/// Posting and taking a packet costs one short lock each; a sleeping thread is woken by one system call, and only
/// if the limit allows it to run. A thread that comes back while packets are queued takes the next without a switch.
///
/// ```
/// use ringport::{CompletionPort, Packet};
/// use std::thread;
///
/// const EXIT: u64 = 0;
/// let port = CompletionPort::new(2)?;
/// let threads: Vec<_> = (0..4)
///     .map(|_| {
///         let port = port.clone();
///         thread::spawn(move || {
///             let mut done = 0;
///             while let Ok(Packet::Posted { key, .. }) = port.wait(None) {
///                 if key == EXIT {
///                     break;
///                 }
///                 done += 1;
///             }
///             done
///         })
///     })
///     .collect();
/// (1..=100).try_for_each(|value| port.post(1, value))?;
/// (0..4).try_for_each(|_| port.post(EXIT, 0))?;
/// assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>(), 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CompletionPort {
    core: Arc<PortCore>,
    /// Closes the port with its last handle.
    _handles: Arc<Handles>,
}

struct Handles(Arc<PortCore>);

impl Drop for Handles {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl CompletionPort {
    /// Makes a port on which `concurrency` threads run at once; 0 means as many as there are processors
    /// (`CreateIoCompletionPort`). Twice as many threads as that should wait on it, so that one can take the place
    /// of another that blocks.
    ///
    /// # Errors
    /// As of [`CompletionPortBuilder::build`].
    pub fn new(concurrency: usize) -> Result<CompletionPort, PortError> {
        CompletionPort::builder().concurrency(concurrency).build()
    }

    /// Options first.
    pub fn builder() -> CompletionPortBuilder {
        CompletionPortBuilder::new()
    }

    pub(super) fn open(options: &CompletionPortBuilder) -> Result<CompletionPort, PortError> {
        let concurrency = match options.concurrency {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let core = Arc::new(PortCore {
            scheduler: Scheduler::new(concurrency, FIRST_ROOM),
            concurrency,
            queue_limit: options.queue_limit,
            poller: OnceLock::new(),
            monitor: MonitorDesk::new(options.monitor, options.is_asleep),
            queues: Mutex::new(Vec::new()),
            operations: Operations::new(options.backend, options.file_threads),
        });
        Ok(CompletionPort { _handles: Arc::new(Handles(Arc::clone(&core))), core })
    }

    /// How many threads may run at once.
    pub fn concurrency(&self) -> usize {
        self.core.concurrency
    }

    /// Waits for a packet and takes it (`GetQueuedCompletionStatus`). Without a time it waits for ever; a time
    /// of zero only looks. Times are kept to the nanosecond that the system can, never rounded to zero.
    ///
    /// # Errors
    /// [`PortWaitError`]: the time was over, or the port was closed.
    pub fn wait(&self, time: Option<Duration>) -> Result<Packet, PortWaitError> {
        let mut taken = None;
        self.core.wait(time, 1, &mut |packet| taken = Some(packet))?;
        taken.ok_or(PortWaitError::TimedOut)
    }

    /// Waits for a packet, and takes as many as are there and fit (`GetQueuedCompletionStatusEx`); returns how
    /// many.
    ///
    /// # Errors
    /// [`PortWaitError`]: the time was over, or the port was closed.
    pub fn wait_many(&self, packets: &mut Packets, time: Option<Duration>) -> Result<usize, PortWaitError> {
        match packets.room() {
            0 => Ok(0),
            room => self.core.wait(time, room, &mut |packet| packets.push(packet)),
        }
    }

    /// Queues a packet of the program's own (`PostQueuedCompletionStatus`). Any thread may.
    ///
    /// # Errors
    /// [`PacketRefused`]: the queue is full, or the port is closed.
    pub fn post(&self, key: u64, value: u64) -> Result<(), PacketRefused> {
        let limit = self.core.queue_limit;
        let posted = self.core.scheduler.post(Packet::Posted { key, value }, limit);
        posted.map_err(|(refusal, _)| match refusal {
            Refusal::Closed => PacketRefused::Closed,
            Refusal::Full => PacketRefused::Full { limit },
        })
    }

    /// Runs something that may block, outside of the limit: another thread goes on in the meantime. When it is
    /// done the calling thread runs again at once, so the limit may be exceeded by one until the next wait.
    ///
    /// On a thread that does not belong to the port it only runs it.
    ///
    /// ```
    /// use ringport::CompletionPort;
    ///
    /// let port = CompletionPort::new(1)?;
    /// port.post(0, 0)?;
    /// port.wait(None)?;
    /// let running = port.blocking(|| port.counters().running);
    /// assert_eq!((running, port.counters().running), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocking<R>(&self, run: impl FnOnce() -> R) -> R {
        let _scope = membership::seat_at(&self.core).and_then(|seat| self.core.begin_blocking(seat));
        run()
    }

    /// Closes the port: every wait ends with [`PortWaitError::Closed`], now and from now on. Packets that nobody
    /// took are dropped, with what they own. Operations that are outstanding are cancelled, and their buffers are
    /// free when this returns.
    pub fn close(&self) {
        self.core.close();
    }

    /// Which threads hold the right to drain a completion queue of this port, and for how long. One that has held
    /// it long, or blocks with it, stops all sockets of that queue.
    pub fn held_rights(&self) -> Vec<HeldRight> {
        let blocked = |right: HeldRight| {
            let standing = |seat: &Arc<Seat<Packet>>| (seat.number == right.thread).then(|| seat.standing());
            let standing = self.core.scheduler.read(|state| state.seats.iter().find_map(standing));
            HeldRight { blocked: matches!(standing, Some(Standing::Blocked | Standing::Released)), ..right }
        };
        let held = |queue: &Weak<dyn Holder>| queue.upgrade().and_then(|queue| queue.held());
        self.core.queues().iter().filter_map(held).map(blocked).collect()
    }

    /// The port's figures.
    pub fn counters(&self) -> PortCounters {
        self.core.scheduler.read(|state| PortCounters {
            concurrency: state.limit,
            threads: state.seats.len(),
            running: state.running,
            waiting: state.sleepers.len() + state.pollers,
            blocked: state.blocked,
            released: state.released,
            released_by_monitor: state.releases,
            queued: state.packets.len(),
            dropped: state.dropped,
            monitor: self.core.monitor.state(),
            monitor_ticks: self.core.monitor.ticks(),
        })
    }

    pub(crate) fn core(&self) -> &Arc<PortCore> {
        &self.core
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

// The sealed trait names a type of the crate's own, which nobody outside can reach.
#[allow(private_interfaces)]
impl Target for CompletionPort {
    fn target(&self) -> Arc<dyn Deliver> {
        Arc::clone(&self.core) as Arc<dyn Deliver>
    }
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
struct Blocking<'port> {
    core: &'port PortCore,
    seat: Arc<Seat<Packet>>,
}

impl Drop for Blocking<'_> {
    fn drop(&mut self) {
        self.core.scheduler.change(|state| state.end_blocking(&self.seat));
    }
}

impl PortCore {
    pub(super) fn join(self: &Arc<PortCore>, seat: &Arc<Seat<Packet>>) {
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
    pub(super) fn leave(&self, seat: &Arc<Seat<Packet>>) {
        self.scheduler.change(|state| state.leave(seat));
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, Vec<Weak<dyn Holder>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_blocking(&self, seat: Arc<Seat<Packet>>) -> Option<Blocking<'_>> {
        let begun = self.scheduler.change(|state| state.begin_blocking(&seat));
        begun.then(|| Blocking { core: self, seat })
    }

    fn wait(
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
                Step::Sleep => self.scheduler.sleep(seat, deadline, most, out),
                Step::Look => {
                    let looked = self.poll(Some(Duration::ZERO), most, &mut member.made);
                    // A failure shows again where nothing else is there to do.
                    drop(looked);
                    self.scheduler.polled(seat, member.made.drain(..), false, most, out)
                }
                Step::Poll => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                    failure = self.poll(left, most, &mut member.made).err();
                    let over =
                        failure.is_some() || deadline.is_some_and(|deadline| Instant::now() >= deadline);
                    self.scheduler.polled(seat, member.made.drain(..), over, most, out)
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

    /// Queues a packet that has its place already. A closed port hands it back.
    #[expect(
        clippy::result_large_err,
        reason = "a packet is moved either way, and a box would cost an allocation"
    )]
    pub(crate) fn deliver(&self, packet: Packet) -> Result<(), Packet> {
        self.scheduler.post(packet, usize::MAX).map_err(|(_, packet)| packet)
    }

    fn close(&self) {
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

impl std::fmt::Debug for CompletionPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompletionPort").field("counters", &self.counters()).finish()
    }
}
