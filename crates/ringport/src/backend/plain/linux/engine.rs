//! Starting operations: what both drives have in common.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use super::attempt::{Attempt, attempt, set_nonblocking};
use super::files::Files;
use super::readiness::Readiness;
use super::ring::Ring;
use super::slot::{Holding, Slot, State, Subject};
use super::table::{Place, Table};
use super::{Drive, Outlet};
use crate::backend::plain::{Done, Outcome, Request};
use crate::backend::{BackendChoice, BackendError, BackendKind, explain, is_free};
use crate::notice;

/// See the module of the room.
pub(crate) struct Engine {
    pub(super) table: Arc<Table>,
    pub(super) drive: Arc<dyn Drive>,
    /// For threads that look for what goes on, where the drive has none of its own for that.
    readiness: Option<Arc<Readiness>>,
    kind: BackendKind,
}

/// How an operation began.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is under way under this number.
    Pending(u64),
    /// It is done already; whether its handle wants that told without a packet.
    Done { done: Done, number: u64, skip: bool },
}

/// Why an operation was not started.
#[derive(Debug)]
pub(crate) enum Refusal {
    Closed,
    Limit(usize),
}

impl Engine {
    /// Opens one. What its own threads get done goes to `outlet`.
    pub(crate) fn open(
        choice: BackendChoice,
        file_threads: usize,
        outlet: Arc<dyn Outlet>,
    ) -> Result<Engine, BackendError> {
        let kind = explain(choice)?.kind;
        if kind == BackendKind::Uring {
            match Engine::over_ring(Arc::clone(&outlet)) {
                Ok(engine) => return Ok(engine),
                // A sandbox may close its doors while the process runs.
                Err(error) if is_free(choice) => {
                    notice::say(&format!("using epoll for ports, io_uring failed to open: {error}"));
                }
                Err(source) => return Err(BackendError::System { kind, source }),
            }
        }
        let kind = BackendKind::Epoll;
        Engine::over_epoll(file_threads, outlet).map_err(|source| BackendError::System { kind, source })
    }

    fn over_ring(outlet: Arc<dyn Outlet>) -> io::Result<Engine> {
        let table = Arc::new(Table::new());
        let drive = Arc::new(Ring::open(Arc::clone(&table), outlet)?);
        Ok(Engine { table, drive, readiness: None, kind: BackendKind::Uring })
    }

    fn over_epoll(file_threads: usize, outlet: Arc<dyn Outlet>) -> io::Result<Engine> {
        let table = Arc::new(Table::new());
        let files = Files::new(file_threads, Arc::clone(&table), Arc::clone(&outlet));
        let readiness = Arc::new(Readiness::open(Arc::clone(&table), files, outlet)?);
        let drive = Arc::<Readiness>::clone(&readiness);
        Ok(Engine { table, drive, readiness: Some(readiness), kind: BackendKind::Epoll })
    }

    /// Which backend runs.
    pub(crate) fn kind(&self) -> BackendKind {
        self.kind
    }

    /// Whether threads that wait have to [`poll`](Engine::poll).
    pub(crate) fn is_polled(&self) -> bool {
        self.readiness.is_some()
    }

    /// Sleeps until something is done, a poke, or the end of the time; up to `most` results go to `out`.
    pub(crate) fn poll(
        &self,
        time: Option<Duration>,
        most: usize,
        out: &mut dyn FnMut(Done),
    ) -> io::Result<()> {
        self.readiness.as_ref().map_or(Ok(()), |readiness| readiness.poll(time, most, out))
    }

    /// Ends the sleep of a thread in [`poll`](Engine::poll).
    pub(crate) fn poke(&self) {
        if let Some(readiness) = self.readiness.as_ref() {
            readiness.poke();
        }
    }

    /// Takes on a handle. `None` when the engine is closed.
    pub(crate) fn attach(&self, holding: Holding) -> io::Result<Option<Place>> {
        if matches!(holding.subject, Subject::Stream | Subject::Listener) {
            // A call that takes a connection, or makes one, has no other way of saying that it must not wait.
            set_nonblocking(holding.descriptor.as_fd())?;
        }
        let Some(place) = self.table.insert(holding) else { return Ok(None) };
        if let Some((slot, state)) = self.table.lock(place)
            && let Err(error) = self.drive.attach(place, &state)
        {
            self.table.vacate(place.index, slot, state);
            return Err(error);
        }
        Ok(Some(place))
    }

    /// Starts an operation: done at once if that is possible and nothing is before it. What it is made from comes
    /// back if it is refused.
    #[inline]
    pub(crate) fn start<B>(
        &self,
        &place: &Place,
        from: B,
        make: impl FnOnce(B) -> Request,
    ) -> Result<Begun, (Refusal, B)> {
        let Some((slot, mut state)) = self.table.lock(place).filter(|(_, state)| !state.closing) else {
            return Err((Refusal::Closed, from));
        };
        if state.outstanding() >= state.limit {
            return Err((Refusal::Limit(state.limit), from));
        }
        let mut request = make(from);
        let number = state.next_number;
        state.next_number += 1;
        request.number = number;
        request.mark_begun();
        let lane = state.lane(request.what.direction());
        let is_free = lane.pending.is_empty() && lane.running.is_empty();
        if is_free || request.what.is_on_file() {
            return Ok(self.try_at_once(place, slot, state, request));
        }
        lane.pending.push_back(request);
        Ok(Begun::Pending(number))
    }

    fn try_at_once(
        &self,
        place: Place,
        slot: &Slot,
        mut state: MutexGuard<'_, State>,
        mut request: Request,
    ) -> Begun {
        let number = request.number;
        let direction = request.what.direction();
        let descriptor = state.begin(direction, number);
        drop(state);
        let tried = attempt(descriptor, &mut request);
        let mut state = slot.lock();
        let cancelled = state.lane(direction).finish(number);
        let outcome = match tried {
            Attempt::Done(outcome) => outcome,
            Attempt::Blocked if cancelled => Outcome::aborted(&request),
            Attempt::Blocked => {
                state.lane(direction).pending.push_front(request);
                self.drive.want(place, &mut state, direction);
                return Begun::Pending(number);
            }
        };
        let (key, skip) = (state.key(), state.skip);
        // Those that came in the meantime are next. On a file they went on by themselves.
        if !request.what.is_on_file() && !state.lane(direction).pending.is_empty() {
            self.drive.want(place, &mut state, direction);
        }
        self.settle(place, slot, state);
        Begun::Done { done: request.done(key, outcome), number, skip }
    }

    /// Sets how many operations of a handle may be outstanding.
    pub(crate) fn set_limit(&self, &place: &Place, limit: usize) {
        if let Some((_, mut state)) = self.table.lock(place) {
            state.limit = limit;
        }
    }

    /// Sets whether operations that are done at once are told without a packet.
    pub(crate) fn set_skip(&self, &place: &Place, skip: bool) {
        if let Some((_, mut state)) = self.table.lock(place) {
            state.skip = skip;
        }
    }

    /// How many operations of a handle are outstanding.
    pub(crate) fn outstanding(&self, &place: &Place) -> usize {
        self.table.lock(place).map_or(0, |(_, state)| state.outstanding())
    }

    /// Vacates the slot of a handle that is being closed, when its last operation is over.
    pub(super) fn settle(&self, place: Place, slot: &Slot, state: MutexGuard<'_, State>) {
        settle(&self.table, self.drive.as_ref(), place, slot, state);
    }
}

/// As [`Engine::settle`], for a drive itself.
pub(super) fn settle(
    table: &Table,
    drive: &dyn Drive,
    place: Place,
    slot: &Slot,
    mut state: MutexGuard<'_, State>,
) {
    if state.closing && !state.is_running() && state.holding.is_some() {
        drive.detach(&mut state);
        table.vacate(place.index, slot, state);
    }
}
