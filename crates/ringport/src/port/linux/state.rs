//! The state of a port, and its rules: which thread gets which packet, and when.
//!
//! ```text
//!   packets   [ p0 p1 p2 ... ]   first in, first out
//!   sleepers  [ t0 t1 t2 ]       last in, first out: the freshest is woken
//!                     ▲
//!   running + pollers ≤ limit    a poller sleeps in the kernel, for what completes there; it runs when it has it
//! ```
//!
//! After every change `next_wake` is asked until it has nothing more to say. Then, whenever a packet is queued,
//! either the limit is reached, or no thread sleeps, or a poller has been told. So no wake-up is lost.

use std::collections::VecDeque;

use super::seat::{Grant, Seat, Standing};
use super::sync::{Arc, Thread};

/// How many waits of a thread find packets before it looks into the kernel first. A look costs about as much as
/// ten packets.
const WAITS_A_LOOK: u32 = 64;

/// See the module.
#[derive(Debug)]
pub(super) struct State<P> {
    pub(super) packets: VecDeque<P>,
    /// Asleep, the freshest last.
    pub(super) sleepers: Vec<Arc<Seat<P>>>,
    /// All threads of the port.
    pub(super) seats: Vec<Arc<Seat<P>>>,
    pub(super) limit: usize,
    pub(super) running: usize,
    /// Threads that sleep in the kernel for completions, or are told to.
    pub(super) pollers: usize,
    /// There is something to poll.
    pub(super) polls: bool,
    /// A poller was told of a packet and has not come back yet.
    pub(super) poller_told: bool,
    pub(super) blocked: usize,
    pub(super) released: usize,
    /// How often the monitor released a thread.
    pub(super) releases: u64,
    /// Packets that nobody took before the port was closed.
    pub(super) dropped: u64,
    /// The monitor's thread.
    pub(super) monitor: Option<Thread>,
    /// It sleeps until it is woken.
    pub(super) monitor_rests: bool,
    pub(super) closed: bool,
}

/// Whom to wake after the lock is let go.
#[derive(Debug)]
pub(super) enum Wake<P> {
    /// A thread that was given something.
    Seat(Arc<Seat<P>>),
    /// Any of the pollers.
    Poller,
    /// The monitor: it has something to watch, or is to end.
    Monitor(Thread),
}

impl<P> State<P> {
    pub(super) fn new(limit: usize, packets: usize) -> State<P> {
        State {
            packets: VecDeque::with_capacity(packets),
            sleepers: Vec::new(),
            seats: Vec::new(),
            limit,
            running: 0,
            pollers: 0,
            polls: false,
            poller_told: false,
            blocked: 0,
            released: 0,
            releases: 0,
            dropped: 0,
            monitor: None,
            monitor_rests: false,
            closed: false,
        }
    }

    /// Whether one more thread may run, or poll in order to run.
    fn has_room(&self) -> bool {
        self.running + self.pollers < self.limit
    }

    /// The next thread to wake, and whether to ask again.
    pub(super) fn next_wake(&mut self) -> Option<Wake<P>> {
        if self.closed {
            if let Some(seat) = self.sleepers.pop() {
                seat.give(Grant::Closed);
                return Some(Wake::Seat(seat));
            }
            if self.pollers > 0 && !self.poller_told {
                self.poller_told = true;
                return Some(Wake::Poller);
            }
            return self.monitor.take().map(Wake::Monitor);
        }
        if !self.packets.is_empty() && self.pollers > 0 && !self.poller_told {
            self.poller_told = true;
            return Some(Wake::Poller);
        }
        if self.has_room() && !self.sleepers.is_empty() {
            if let Some(packet) = self.packets.pop_front() {
                let seat = self.sleepers.pop()?;
                self.start_running(&seat);
                seat.give(Grant::Packet(packet));
                return Some(Wake::Seat(seat));
            }
            if self.polls {
                let seat = self.sleepers.pop()?;
                self.pollers += 1;
                seat.give(Grant::Poll);
                return Some(Wake::Seat(seat));
            }
        }
        if self.monitor_rests && self.wants_monitor() {
            self.monitor_rests = false;
            return self.monitor.clone().map(Wake::Monitor);
        }
        None
    }

    /// The limit is reached by running threads, and there is something to do for one that sleeps.
    pub(super) fn keeps_somebody_waiting(&self) -> bool {
        self.running >= self.limit
            && !self.sleepers.is_empty()
            && (!self.packets.is_empty() || self.polls && self.pollers == 0)
    }

    /// Whether it matters if a thread in the books sleeps: one that runs keeps another from running, or one that
    /// was released may run again beside others.
    fn wants_monitor(&self) -> bool {
        self.keeps_somebody_waiting() || self.released > 0 && self.running > 0
    }

    /// The monitor has looked: whether it may sleep until it is woken.
    pub(super) fn rest_monitor(&mut self) -> bool {
        self.monitor_rests = !self.wants_monitor();
        self.monitor_rests
    }

    /// Takes a thread that was found asleep out of the count, if it is still where it was when it was looked at.
    pub(super) fn release(&mut self, seat: &Seat<P>, turns: u32) {
        if seat.standing() == Standing::Running && seat.turns() == turns {
            self.running -= 1;
            self.released += 1;
            self.releases += 1;
            seat.set_standing(Standing::Released);
        }
    }

    /// Puts a released thread that was found awake back, if it has not come to wait meanwhile.
    pub(super) fn recall(&mut self, seat: &Seat<P>) {
        if seat.standing() == Standing::Released {
            self.released -= 1;
            self.start_running(seat);
        }
    }

    /// Puts a thread that comes to wait out of the count.
    pub(super) fn stop_running(&mut self, seat: &Seat<P>) {
        match seat.standing() {
            Standing::Running => self.running -= 1,
            Standing::Blocked => self.blocked -= 1,
            Standing::Released => self.released -= 1,
            Standing::Outside | Standing::Waiting => {}
        }
        seat.set_standing(Standing::Waiting);
    }

    /// Puts a thread into the count.
    pub(super) fn start_running(&mut self, seat: &Seat<P>) {
        self.running += 1;
        seat.set_standing(Standing::Running);
    }

    /// Takes up to `most` packets for a thread that then runs, if the limit allows it to.
    pub(super) fn take(&mut self, seat: &Seat<P>, most: usize, out: &mut dyn FnMut(P)) -> usize {
        if self.packets.is_empty() || !self.has_room() {
            return 0;
        }
        self.start_running(seat);
        self.take_more(most, out)
    }

    /// Takes up to `most` packets for a thread that runs.
    pub(super) fn take_more(&mut self, most: usize, out: &mut dyn FnMut(P)) -> usize {
        let count = most.min(self.packets.len());
        (0..count).filter_map(|_| self.packets.pop_front()).for_each(out);
        count
    }

    /// Puts a thread that runs out of the count, for as long as it blocks. False in a scope inside of another, and
    /// where the thread does not run on the port's behalf.
    pub(super) fn begin_blocking(&mut self, seat: &Seat<P>) -> bool {
        match seat.standing() {
            Standing::Running => self.running -= 1,
            Standing::Released => self.released -= 1,
            Standing::Outside | Standing::Waiting | Standing::Blocked => return false,
        }
        self.blocked += 1;
        seat.set_standing(Standing::Blocked);
        true
    }

    /// Puts it back, unless it waited or left inside of the scope.
    pub(super) fn end_blocking(&mut self, seat: &Seat<P>) {
        if seat.standing() == Standing::Blocked {
            self.blocked -= 1;
            self.start_running(seat);
        }
    }

    /// Forgets a thread that ends, or goes to another port.
    pub(super) fn leave(&mut self, seat: &Arc<Seat<P>>) {
        self.stop_running(seat);
        seat.set_standing(Standing::Outside);
        self.seats.retain(|other| !Arc::ptr_eq(other, seat));
    }

    /// Whether a thread that comes to wait has to look into the kernel before it takes from the queue: once in many
    /// waits, and only if nobody else does. So a queue that never runs empty hides nothing for ever. The thread
    /// counts as a poller then.
    pub(super) fn is_to_look(&mut self, seat: &Seat<P>) -> bool {
        let look = self.pollers == 0
            && !self.packets.is_empty()
            && seat.turns().is_multiple_of(WAITS_A_LOOK)
            && self.has_room()
            && !self.closed;
        self.pollers += usize::from(look);
        look
    }

    /// Finds a place for a thread that has to wait: as a poller, if one is wanted, or asleep.
    pub(super) fn settle_down(&mut self, seat: &Arc<Seat<P>>) -> bool {
        if self.polls && self.has_room() {
            self.pollers += 1;
            return true;
        }
        self.sleepers.push(Arc::clone(seat));
        false
    }
}
