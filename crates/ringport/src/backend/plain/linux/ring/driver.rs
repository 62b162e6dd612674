//! The thread that owns the ring.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

use io_uring::{IoUring, cqueue, opcode, squeue, types};

use super::super::slot::Subject;
use super::super::table::Place;
use super::failing::copied;
use super::flight::Flight;
use super::judge::{Next, is_of_cancelling, judge};
use super::{Command, Shared};
use crate::backend::plain::{Direction, Outcome, Request};
use crate::backend::uring;

/// Completions of the event that says that the inbox has something.
const WAKE: u64 = u64::MAX;
/// Completions of cancellations: this, and the number of the flight.
const CANCEL: u64 = 1 << 63;
/// Size of the ring.
const SIZE: usize = 1024;

/// See the module.
pub(super) struct Driver {
    /// Dropped before the flights. It never is while one of them is in the kernel.
    ring: IoUring,
    pub(super) shared: Arc<Shared>,
    pub(super) flights: Vec<Option<Box<Flight>>>,
    /// Places in it.
    free: Vec<usize>,
    /// Boxes for the next, so that none is allocated once as many were under way as ever will be.
    #[expect(
        clippy::vec_box,
        reason = "they move into the list of flights, whose addresses the kernel knows"
    )]
    boxes: Vec<Box<Flight>>,
    pub(super) commands: Vec<Command>,
    completions: Vec<cqueue::Entry>,
    closing: bool,
}

impl Driver {
    pub(super) fn open(shared: Arc<Shared>) -> io::Result<Driver> {
        let probed = uring::probe();
        let features = probed.features.as_ref().ok_or_else(|| io::Error::from_raw_os_error(libc::ENOSYS))?;
        let ring = uring::build(SIZE, features)?;
        let mut driver = Driver {
            ring,
            shared,
            flights: Vec::new(),
            free: Vec::new(),
            boxes: Vec::new(),
            commands: Vec::new(),
            completions: Vec::new(),
            closing: false,
        };
        driver.watch_inbox()?;
        Ok(driver)
    }

    /// Runs until the port is closed.
    pub(super) fn run(mut self) {
        loop {
            if let Err(error) = self.turn() {
                return self.give_up(error.raw_os_error().unwrap_or(libc::EIO));
            }
            if self.closing && self.free.len() == self.flights.len() {
                return;
            }
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        std::mem::swap(&mut *self.shared.inbox(), &mut self.commands);
        let mut commands = std::mem::take(&mut self.commands);
        let mut waiting = commands.drain(..);
        let obeyed = waiting.try_for_each(|command| self.obey(command));
        // Where the ring broke, whoever asked for the rest is told.
        self.commands.extend(waiting);
        obeyed?;
        self.commands = commands;
        if self.closing && self.free.len() == self.flights.len() {
            return Ok(());
        }
        self.enter(1)?;
        let mut completions = std::mem::take(&mut self.completions);
        completions.extend(self.ring.completion());
        let taken = completions.drain(..).try_for_each(|entry| self.complete(&entry));
        self.completions = completions;
        taken
    }

    fn enter(&mut self, want: usize) -> io::Result<()> {
        match self.ring.submit_and_wait(want) {
            Ok(_) => Ok(()),
            Err(error) => match error.raw_os_error() {
                // A signal, or completions that must be taken first.
                Some(libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// # Safety
    /// What the entry points at must stay until its last completion was taken.
    unsafe fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        // SAFETY: the caller keeps it.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.enter(0)?;
        }
        Ok(())
    }

    fn watch_inbox(&mut self) -> io::Result<()> {
        let event = types::Fd(self.shared.event.as_fd().as_raw_fd());
        let poll = opcode::PollAdd::new(event, libc::POLLIN as _).multi(true).build();
        // SAFETY: a poll points at no memory.
        unsafe { self.push(&poll.user_data(WAKE)) }
    }

    fn obey(&mut self, command: Command) -> io::Result<()> {
        match command {
            Command::Want(place, direction) => self.begin_next(place, direction),
            Command::Stop(place, number) => {
                let wanted = |flight: &Flight| flight.place == place && flight.request.number == number;
                match self.flights.iter().position(|flight| flight.as_deref().is_some_and(wanted)) {
                    Some(index) => self.cancel(index),
                    None => Ok(()),
                }
            }
            Command::Close => {
                self.closing = true;
                Ok(())
            }
        }
    }

    /// Takes the next operation of a direction into the kernel. Of a socket only while none is there.
    fn begin_next(&mut self, place: Place, direction: Direction) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let Some((_, mut state)) = shared.table.lock(place) else { return Ok(()) };
        let is_file = state.subject() == Some(Subject::File);
        if !is_file && !state.lane(direction).running.is_empty() {
            return Ok(());
        }
        let Some(request) = state.lane(direction).begin_next() else { return Ok(()) };
        drop(state);
        self.launch(request, place)
    }

    fn launch(&mut self, request: Request, place: Place) -> io::Result<()> {
        let index = self.free.pop().unwrap_or(self.flights.len());
        let flight = match self.boxes.pop() {
            Some(mut flight) => {
                *flight = Flight::new(request, place);
                flight
            }
            None => Box::new(Flight::new(request, place)),
        };
        match self.flights.get_mut(index) {
            Some(free) => *free = Some(flight),
            None => self.flights.push(Some(flight)),
        }
        self.submit(index)
    }

    fn submit(&mut self, index: usize) -> io::Result<()> {
        let Some(flight) = self.flights.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        let Some((_, state)) = self.shared.table.lock(flight.place) else { return Ok(()) };
        // It is running, so its descriptor stays open.
        let descriptor = state.descriptor();
        drop(state);
        let entry = flight.entry(descriptor).user_data(index as u64);
        // SAFETY: the flight is boxed and owns its buffer; both stay in `flights` until the entry completed, and the
        // ring is not dropped before that, unless they are leaked.
        unsafe { self.push(&entry) }
    }

    fn cancel(&mut self, index: usize) -> io::Result<()> {
        if let Some(flight) = self.flights.get_mut(index).and_then(Option::as_mut) {
            flight.stopping = true;
        }
        let entry = opcode::AsyncCancel::new(index as u64).build().user_data(CANCEL | index as u64);
        // SAFETY: a cancellation points at no memory.
        unsafe { self.push(&entry) }
    }

    fn complete(&mut self, entry: &cqueue::Entry) -> io::Result<()> {
        match entry.user_data() {
            WAKE if cqueue::more(entry.flags()) => Ok(()),
            // For lack of room the kernel ended the poll.
            WAKE => self.watch_inbox(),
            number if number & CANCEL != 0 => self.cancelled((number & !CANCEL) as usize, entry.result()),
            number => self.over(number as usize, entry.result()),
        }
    }

    /// A cancellation is through. One that missed an operation on its way between two entries is tried again; what
    /// is being done on a file cannot be ended and ends by itself.
    fn cancelled(&mut self, index: usize, result: i32) -> io::Result<()> {
        let Some(flight) = self.flights.get(index).and_then(Option::as_ref) else { return Ok(()) };
        if result < 0 && flight.stopping && !flight.request.what.is_on_file() {
            return self.cancel(index);
        }
        Ok(())
    }

    /// An entry of a flight is over.
    fn over(&mut self, index: usize, result: i32) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let Some(flight) = self.flights.get_mut(index).and_then(Option::as_mut) else { return Ok(()) };
        let (place, direction) = (flight.place, flight.direction());
        let Some((slot, mut state)) = shared.table.lock(place) else { return Ok(()) };
        let number = flight.request.number;
        let descriptor = state.descriptor();
        let running = state.lane(direction).running.iter();
        let cancelled = running.clone().any(|running| running.number == number && running.cancelled);
        let outcome = match judge(flight, result, descriptor) {
            Next::Done(outcome) => outcome,
            Next::Submit(_) if cancelled => Outcome::aborted(&flight.request),
            Next::Submit(stage) => {
                flight.stage = stage;
                drop(state);
                return self.submit(index);
            }
        };
        let aborted = Outcome::aborted(&flight.request);
        let outcome = if cancelled && is_of_cancelling(result) { aborted } else { outcome };
        let Some(mut flight) = self.flights.get_mut(index).and_then(Option::take) else { return Ok(()) };
        self.free.push(index);
        let empty = copied(&flight.request);
        let request = std::mem::replace(&mut flight.request, empty);
        self.boxes.push(flight);
        let key = state.key();
        state.lane(direction).finish(number);
        // Under the lock: when the handle is closed, its packets are queued.
        shared.outlet.deliver(request.done(key, outcome));
        if state.closing && !state.is_running() {
            shared.table.vacate(place.index, slot, state);
            return Ok(());
        }
        if state.subject() == Some(Subject::File) {
            return Ok(());
        }
        let Some(request) = state.lane(direction).begin_next() else { return Ok(()) };
        drop(state);
        self.launch(request, place)
    }
}
