//! The scheduler of a port: the state under its lock, and the sleep of its threads.
//!
//! The lock is held for a few tens of nanoseconds, never while the system is called and never while code of the
//! user runs. Whom to wake is decided under it, and done after it.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::seat::{Grant, Seat, Standing};
use super::state::{State, Wake};
use super::sync::{Arc, Mutex, MutexGuard, Thread, park, park_timeout};

/// How a step of a wait ended.
#[derive(Debug)]
pub(super) enum Step {
    /// So many packets were taken; the thread runs.
    Taken(usize),
    /// Sleep for completions in the kernel, and then say so by [`Scheduler::polled`].
    Poll,
    /// Look for completions in the kernel, without sleep, and say so by [`Scheduler::polled`].
    Look,
    /// Sleep, by [`Scheduler::sleep`].
    Sleep,
    /// The time was over first; the thread runs.
    TimedOut,
    Closed,
}

/// Why a packet was not queued.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Closed,
    Full,
}

/// See the module.
pub(super) struct Scheduler<P> {
    state: Mutex<State<P>>,
    /// Ends the sleep of one poller.
    poke: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl<P> Scheduler<P> {
    pub(super) fn new(limit: usize, packets: usize) -> Scheduler<P> {
        Scheduler { state: Mutex::new(State::new(limit, packets)), poke: OnceLock::new() }
    }

    /// Looks at the state.
    pub(super) fn read<R>(&self, look: impl FnOnce(&State<P>) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the state, and wakes whoever is to be woken for it.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State<P>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        self.settle(state);
        result
    }

    /// From now on some of the waiting threads poll. `poke` ends the sleep of one of them.
    pub(super) fn begin_polling(&self, poke: Box<dyn Fn() + Send + Sync>) {
        let _ = self.poke.set(poke);
        self.change(|state| state.polls = true);
    }

    /// Queues a packet, unless there are `most` already.
    pub(super) fn post(&self, packet: P, most: usize) -> Result<(), (Refusal, P)> {
        let mut state = self.lock();
        if state.closed {
            return Err((Refusal::Closed, packet));
        }
        if state.packets.len() >= most {
            return Err((Refusal::Full, packet));
        }
        state.packets.push_back(packet);
        self.settle(state);
        Ok(())
    }

    /// A thread comes to wait: takes what is there, or finds its place.
    pub(super) fn begin(&self, seat: &Arc<Seat<P>>, most: usize, out: &mut dyn FnMut(P)) -> Step {
        let mut state = self.lock();
        state.stop_running(seat);
        if state.polls && state.is_to_look(seat) {
            return Step::Look;
        }
        self.advance(state, seat, most, out)
    }

    /// A poller is back, with the packets it made; `over` when its time is.
    pub(super) fn polled(
        &self,
        seat: &Arc<Seat<P>>,
        made: impl Iterator<Item = P>,
        over: bool,
        most: usize,
        out: &mut dyn FnMut(P),
    ) -> Step {
        let mut state = self.lock();
        state.pollers -= 1;
        state.poller_told = false;
        state.packets.extend(made);
        if over && state.packets.is_empty() && !state.closed {
            state.start_running(seat);
            self.settle(state);
            return Step::TimedOut;
        }
        self.advance(state, seat, most, out)
    }

    fn advance<'lock>(
        &'lock self,
        mut state: MutexGuard<'lock, State<P>>,
        seat: &Arc<Seat<P>>,
        most: usize,
        out: &mut dyn FnMut(P),
    ) -> Step {
        if state.closed {
            seat.set_standing(Standing::Outside);
            self.settle(state);
            return Step::Closed;
        }
        let taken = state.take(seat, most, out);
        let step = match taken {
            0 if state.settle_down(seat) => Step::Poll,
            0 => Step::Sleep,
            taken => Step::Taken(taken),
        };
        self.settle(state);
        step
    }

    /// Sleeps until somebody gives the thread something to do, or the time is over.
    pub(super) fn sleep(
        &self,
        seat: &Arc<Seat<P>>,
        deadline: Option<Instant>,
        most: usize,
        out: &mut dyn FnMut(P),
    ) -> Step {
        if deadline.is_none_or(|deadline| Instant::now() < deadline) {
            seat.spin();
        }
        loop {
            if let Some(grant) = seat.take() {
                return self.granted(seat, grant, most, out);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match left {
                None => park(),
                Some(Duration::ZERO) => {
                    let mut state = self.lock();
                    // Whoever gave it something has taken it off the list, under this lock.
                    if let Some(index) = state.sleepers.iter().rposition(|sleeper| Arc::ptr_eq(sleeper, seat))
                    {
                        state.sleepers.remove(index);
                        state.start_running(seat);
                        self.settle(state);
                        return Step::TimedOut;
                    }
                }
                Some(left) => park_timeout(left),
            }
        }
    }

    fn granted(&self, seat: &Seat<P>, grant: Grant<P>, most: usize, out: &mut dyn FnMut(P)) -> Step {
        match grant {
            Grant::Packet(packet) => {
                out(packet);
                let more = if most > 1 { self.lock().take_more(most - 1, out) } else { 0 };
                Step::Taken(1 + more)
            }
            Grant::Poll => Step::Poll,
            Grant::Closed => {
                seat.set_standing(Standing::Outside);
                Step::Closed
            }
        }
    }

    /// The monitor, whose thread this is, has looked: whether it may sleep until it is woken, or is to end (`None`).
    pub(super) fn rest_monitor(&self, thread: &Thread) -> Option<bool> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        state.monitor.get_or_insert_with(|| thread.clone());
        Some(state.rest_monitor())
    }

    /// Wakes whoever the state says, until it says no more.
    fn settle<'lock>(&'lock self, mut state: MutexGuard<'lock, State<P>>) {
        while let Some(first) = state.next_wake() {
            let second = state.next_wake();
            drop(state);
            self.wake(first);
            // As a rule there is one to wake, and the lock is not taken again.
            let Some(second) = second else { return };
            self.wake(second);
            state = self.lock();
        }
    }

    fn wake(&self, wake: Wake<P>) {
        match wake {
            Wake::Seat(seat) => seat.wake(),
            Wake::Poller => {
                if let Some(poke) = self.poke.get() {
                    poke();
                }
            }
            Wake::Monitor(thread) => thread.unpark(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
