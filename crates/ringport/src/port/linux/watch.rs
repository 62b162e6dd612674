//! What the monitor of a port looks at, and what it makes of it.
//!
//! ```text
//!              turn unchanged       found asleep         found asleep
//!   Running ───────────────► look ──────────────► look ──────────────► Released ──► found awake: Running
//!      tick                   tick                 tick                    tick
//! ```
//!
//! One look may catch a thread in a short sleep: a page that is read, a lock that another holds for a moment. Two
//! looks a tick apart, with no return to the port before or between them, are taken for a thread that blocks. If
//! that is wrong, one thread too many runs, until the next wait of any.

use super::scheduler::Scheduler;
use super::seat::{Seat, Standing};
use super::sync::{Arc, Ordering};

/// Looks in a row that must find a thread asleep.
const LOOKS: u32 = 2;

/// Threads for which there is room from the start.
const FIRST_ROOM: usize = 64;

/// What is looked at, and what was found. Kept for its memory.
#[derive(Debug)]
pub(super) struct Watch<P> {
    seats: Vec<(Arc<Seat<P>>, u32)>,
}

impl<P> Watch<P> {
    pub(super) fn new() -> Watch<P> {
        Watch { seats: Vec::with_capacity(FIRST_ROOM) }
    }

    /// One tick. `is_asleep` looks at a thread by its number in the system; an error says nothing of the thread.
    ///
    /// The lock is taken to choose the threads, and again to act; not while they are looked at.
    pub(super) fn tick<E>(&mut self, scheduler: &Scheduler<P>, is_asleep: impl Fn(u32) -> Result<bool, E>) {
        scheduler.read(|state| {
            let needed = state.keeps_somebody_waiting();
            let watched = |seat: &&Arc<Seat<P>>| worth_a_look(seat, needed);
            self.seats
                .extend(state.seats.iter().filter(watched).map(|seat| (Arc::clone(seat), seat.turns())));
        });
        self.seats
            .retain(|(seat, _)| is_asleep(seat.number).is_ok_and(|asleep| tells_something(seat, asleep)));
        if !self.seats.is_empty() {
            scheduler.change(|state| {
                self.seats.drain(..).for_each(|(seat, turns)| match seat.standing() {
                    Standing::Released => state.recall(&seat),
                    _ => state.release(&seat, turns),
                });
            });
        }
    }
}

/// Whether the thread was released, or runs in the books since the last tick at least where its place is `needed`.
fn worth_a_look<P>(seat: &Seat<P>, needed: bool) -> bool {
    let turns = seat.turns();
    match seat.standing() {
        Standing::Running if !needed => false,
        Standing::Running if seat.watched.swap(turns, Ordering::Relaxed) != turns => {
            seat.found_asleep.store(0, Ordering::Relaxed);
            false
        }
        Standing::Running | Standing::Released => true,
        _ => false,
    }
}

/// Whether a look at the thread changes what is to become of it.
fn tells_something<P>(seat: &Seat<P>, asleep: bool) -> bool {
    if seat.standing() == Standing::Released {
        return !asleep;
    }
    let looks = if asleep { seat.found_asleep.load(Ordering::Relaxed) + 1 } else { 0 };
    seat.found_asleep.store(looks, Ordering::Relaxed);
    looks >= LOOKS
}
