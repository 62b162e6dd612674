//! A run over TCP: many connections, one thread.
//!
//! ```text
//!   schedule: message 0  1  2  3  4 ...        each has a planned time
//!                     |  |  |  |  |
//!   connections:      a  b  c  a  b            in turn
//!                     |
//!   queue of a:  [ answered soon | written | half written | planned ]      start times stand in the queue
//!                       ^ read                    ^ write
//! ```
//! A stream keeps its order, so the n-th answer belongs to the n-th message and needs no number to be found by. What
//! comes back is compared byte by byte with what was sent.
//!
//! One thread, for the reasons that the UDP generator has: a second one would take the processor that the server needs.

mod connection;
mod ending;
mod exchange;
mod figures;
mod opening;
mod plan;
mod run;

use crate::cli::SendOptions;
use crate::descriptors;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

use connection::Connection;
pub(crate) use figures::Connections;
use plan::Plan;
use run::Run;

use super::figures::Sent;

/// Connections that a run has left open. Dropping it closes them.
pub(crate) struct Held {
    _connections: Vec<Option<Connection>>,
}

/// Opens the connections, sends the plan's messages and gives the figures, and the connections that are left.
pub(crate) fn run(
    options: &SendOptions,
    address: &str,
    interrupt: &Interrupt,
) -> Result<(Sent, Held), Failure> {
    let plan = Plan::of(options, address)?;
    descriptors::make_room(plan.connections.into(), "connections")?;
    let opened = opening::open(&plan, interrupt)?;
    if opened.living() == 0 && !interrupt.asked() {
        return Err(opened.nobody_there(&plan));
    }
    super::begin(options, interrupt)?;
    let mut run = Run::new(&plan, interrupt, opened);
    run.drive()?;
    Ok(run.end())
}
