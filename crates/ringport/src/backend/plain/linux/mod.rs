//! Operations on Linux: tried at once, and gone on with when the system says so.
//!
//! ```text
//!   start ─► tried at once ─► done
//!                │ it would block
//!                ▼
//!   Slot: pending [ r0 r1 r2 ]   one list a direction, in the order they were started
//!                │ a drive says when it can go on
//!                ▼
//!            running ─► done     on a socket one a direction, on a file as many as there are
//! ```
//!
//! A drive is what makes them go on. `Readiness` asks epoll, in the threads that wait on the port, and has a few
//! threads for files. `Ring` hands them to io_uring, on one thread of its own.

mod attempt;
mod batch;
mod cancelling;
mod engine;
mod files;
mod readiness;
mod ring;
mod slot;
mod table;

pub(crate) use engine::{Begun, Engine, Refusal};
pub(crate) use slot::{Descriptor, Holding, Subject};
pub(crate) use table::Place;

use std::io;

use self::slot::State;
use super::{Direction, Done, What};

/// Where a drive's own threads put what is done.
pub(crate) trait Outlet: Send + Sync {
    /// Takes it.
    fn deliver(&self, done: Done);
}

impl What {
    /// Whether it is of a file, whose operations have no order.
    fn is_on_file(self) -> bool {
        matches!(self, What::Read(_) | What::Write(_))
    }
}

/// What makes operations go on that could not be done at once.
trait Drive: Send + Sync {
    /// Prepares for a new handle.
    fn attach(&self, place: Place, state: &State) -> io::Result<()>;

    /// The first operation of this direction is pending, and may go on as soon as the system allows. On a file:
    /// one more.
    fn want(&self, place: Place, state: &mut State, direction: Direction);

    /// Ends an operation that is running, if it can be ended.
    fn stop(&self, place: Place, number: u64);

    /// Forgets a handle that has nothing running.
    fn detach(&self, state: &mut State);

    /// Ends its threads, once nothing is running any more.
    fn close(&self);
}
