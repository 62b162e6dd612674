//! Plain operations: one buffer, one operation, one result. What the handles of a completion port are made of.
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
//!
//! Nothing here knows of ports: what is done is returned to the caller, or goes to an [`Outlet`].

mod attempt;
mod batch;
mod buffer;
mod cancelling;
mod engine;
mod files;
mod readiness;
mod request;
mod ring;
mod slot;
mod table;

pub use buffer::OperationBuffer;
pub(crate) use engine::{Begun, Engine, Refusal};
pub use request::Done;
pub(crate) use request::{Extent, Request, Status, What};
pub(crate) use slot::{Descriptor, Holding, Subject};
pub(crate) use table::Place;

use std::io;

use self::request::Direction;
use self::slot::State;

/// Where a drive's own threads put what is done.
pub(crate) trait Outlet: Send + Sync {
    /// Takes it.
    fn deliver(&self, done: Done);
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
