//! The port of Linux: there is none in the system, so all of it is here.
//!
//! ```text
//!   core        what handles, threads and queues of a port share
//!   scheduler   the lock, and the sleep of the threads      state  the rules under it
//!   seat        a thread's place                            spin   a look before it sleeps
//!   watcher     the thread that notices who blocks          watch  what it looks at
//!   poller      completions that are found by looking       engine where operations put theirs
//! ```

mod core;
mod engine;
#[cfg(test)]
mod fairness;
mod figures;
mod poller;
mod scheduler;
mod seat;
mod spin;
mod state;
mod sync;
mod watch;
mod watcher;

pub(crate) use self::core::PortCore;

use super::error::PortError;
use super::packet::Packet;

/// A thread's place at a port.
pub(in crate::port) type Seat = seat::Seat<Packet>;

/// Packets that a look makes, on their way to the queue: kept by the thread for its memory.
pub(in crate::port) type Room = Vec<Packet>;

/// Packets that a look makes at a time as a rule: room for them is made when a thread joins, not when they come.
pub(in crate::port) fn room() -> Room {
    Vec::with_capacity(64)
}

/// Why a handle was not associated, from what the system says.
pub(in crate::port) fn association_error(source: std::io::Error) -> PortError {
    PortError::System { what: "associating a handle with a port", source }
}
