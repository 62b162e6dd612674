//! The drive over epoll: threads that wait on the port look for sockets that are ready, and do one operation each.
//!
//! ```text
//!   thread ─► epoll_wait ─► a socket is ready ─► recv into the operation that was started first ─► its packet
//!                 ▲                                    │ more are pending
//!                 └──────────── watched again ◄────────┘
//! ```
//!
//! A socket is watched for one event at a time (`EPOLLONESHOT`). So a datagram wakes one thread, and while that is
//! about to receive it no other is woken for the same. Watching again also asks whether there is more already.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use super::attempt::{Attempt, attempt};
use super::batch;
use super::engine::settle;
use super::files::Files;
use super::slot::{Slot, State, Subject};
use super::table::{Place, Table};
use super::{Drive, Outlet};
use crate::backend::plain::{Direction, Done, Outcome};
use crate::backend::sys::epoll::{Epoll, Event, Flags};
use crate::backend::sys::event::EventDescriptor;

/// The event of [`Readiness::poke`]: no place of a handle.
const POKE: u64 = u64::MAX;
/// The most sockets that one look serves.
const MOST: usize = 16;

const INWARD: Flags = libc::EPOLLIN as Flags;
const OUTWARD: Flags = libc::EPOLLOUT as Flags;
const ONE_SHOT: Flags = libc::EPOLLONESHOT as Flags;
/// Both directions learn of these, asked or not.
const TROUBLE: Flags = (libc::EPOLLERR | libc::EPOLLHUP) as Flags;

/// See the module.
pub(super) struct Readiness {
    epoll: Epoll,
    event: EventDescriptor,
    table: Arc<Table>,
    files: Files,
    outlet: Arc<dyn Outlet>,
}

impl Readiness {
    pub(super) fn open(table: Arc<Table>, files: Files, outlet: Arc<dyn Outlet>) -> io::Result<Readiness> {
        let epoll = Epoll::new()?;
        let event = EventDescriptor::new()?;
        // Edge-triggered: each signal ends one sleep, and nobody has to read it.
        epoll.add(event.as_fd(), (libc::EPOLLIN | libc::EPOLLET) as Flags, POKE)?;
        Ok(Readiness { epoll, event, table, files, outlet })
    }

    pub(super) fn poke(&self) {
        // It can only fail when its counter is full, and then it was signalled.
        let _ = self.event.signal();
    }

    /// Sleeps until sockets are ready, a poke, or the end of the time.
    pub(super) fn poll(
        &self,
        time: Option<Duration>,
        most: usize,
        out: &mut dyn FnMut(Done),
    ) -> io::Result<()> {
        let mut events = [Event::EMPTY; MOST];
        let asked = most.clamp(1, MOST);
        let ready = match self.epoll.wait(events.get_mut(..asked).unwrap_or_default(), time) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            ready => ready?,
        };
        // Each gets its share; one alone gets all.
        let share = most / ready.len().max(1);
        for event in ready.iter().filter(|event| event.key() != POKE) {
            self.serve(Place::from_key(event.key()), event.flags(), share.max(1), out);
        }
        Ok(())
    }

    /// Does what a socket is ready for.
    fn serve(&self, place: Place, flags: Flags, most: usize, out: &mut dyn FnMut(Done)) {
        let Some((slot, mut state)) = self.table.lock(place) else { return };
        state.armed = 0;
        if flags & (INWARD | TROUBLE) != 0 {
            state = self.advance(slot, state, Direction::In, most, out);
        }
        if flags & (OUTWARD | TROUBLE) != 0 {
            state = self.advance(slot, state, Direction::Out, 1, out);
        }
        if state.closing {
            return settle(&self.table, self, place, slot, state);
        }
        self.watch(place, &mut state);
    }

    /// Does the operation of a direction that was started first, or several, unless another thread is at it.
    fn advance<'slot>(
        &self,
        slot: &'slot Slot,
        mut state: MutexGuard<'slot, State>,
        direction: Direction,
        most: usize,
        out: &mut dyn FnMut(Done),
    ) -> MutexGuard<'slot, State> {
        if !state.lane(direction).running.is_empty() {
            return state;
        }
        if most > 1 && direction == Direction::In && state.subject() == Some(Subject::Udp) {
            return batch::receive(slot, state, most, out);
        }
        let Some(mut request) = state.lane(direction).begin_next() else { return state };
        let (descriptor, key) = (state.descriptor(), state.key());
        drop(state);
        let tried = attempt(descriptor, &mut request);
        let mut state = slot.lock();
        let cancelled = state.lane(direction).finish(request.number);
        match tried {
            Attempt::Done(outcome) => out(request.done(key, outcome)),
            Attempt::Blocked if cancelled => {
                let outcome = Outcome::aborted(&request);
                out(request.done(key, outcome));
            }
            Attempt::Blocked => state.lane(direction).pending.push_front(request),
        }
        state
    }

    /// Watches for what the pending operations wait for, beside what is watched for already.
    fn watch(&self, place: Place, state: &mut State) {
        let mut wanted = 0;
        for (direction, flag) in [(Direction::In, INWARD), (Direction::Out, OUTWARD)] {
            let lane = state.lane(direction);
            if !lane.pending.is_empty() && lane.running.is_empty() {
                wanted |= flag;
            }
        }
        if wanted & !state.armed == 0 {
            return;
        }
        wanted |= state.armed;
        let Some(holding) = state.holding.as_ref() else { return };
        match self.epoll.modify(holding.descriptor.as_fd(), wanted | ONE_SHOT, place.to_key()) {
            Ok(()) => state.armed = wanted,
            Err(error) => {
                let error = error.raw_os_error().unwrap_or(libc::EIO);
                let outlet = &self.outlet;
                state
                    .end_pending(|request| Outcome::failed(error, request), &mut |done| outlet.deliver(done));
            }
        }
    }
}

impl Drive for Readiness {
    fn attach(&self, place: Place, state: &State) -> io::Result<()> {
        match (state.subject(), state.holding.as_ref()) {
            (Some(Subject::File), _) => self.files.begin(),
            (_, Some(holding)) => self.epoll.add(holding.descriptor.as_fd(), ONE_SHOT, place.to_key()),
            (_, None) => Ok(()),
        }
    }

    fn want(&self, place: Place, state: &mut State, direction: Direction) {
        match state.subject() {
            Some(Subject::File) => self.files.push(place, direction),
            _ => self.watch(place, state),
        }
    }

    fn stop(&self, _place: Place, _number: u64) {
        // What is running makes one call that does not wait, or one on a file that cannot be ended.
    }

    fn detach(&self, state: &mut State) {
        if let Some(holding) = state.holding.as_ref().filter(|holding| holding.subject != Subject::File) {
            let descriptor: BorrowedFd<'_> = holding.descriptor.as_fd();
            // The socket may live on elsewhere.
            let _ = self.epoll.delete(descriptor);
        }
    }

    fn close(&self) {
        self.files.close();
    }
}
