//! The receiver process: one candidate, which receives and counts until the process ends.
//!
//! Each wants the peer's address, has room for the same datagram and looks at it in the same way.

mod blocking;
mod library;
mod recvmmsg;
mod tokio;

pub(crate) use library::{MAX_RESULTS, PENDING};

use ringport_stand::part::socket;
use ringport_stand::process::pin;

use crate::Failure;
use crate::candidate::Candidate;
use crate::options::Part;

/// Runs the candidate.
pub(crate) fn run(part: &Part) -> Result<(), Failure> {
    pin(part.processor)?;
    let socket = socket(part.socket_buffer)?;
    match (part.candidate, part.candidate.backend()) {
        (Candidate::Tokio, _) => tokio::run(socket),
        (Candidate::Recvmmsg, _) => recvmmsg::run(&socket),
        (candidate, Some(backend)) => library::run(socket, backend, candidate.waiting()),
        (_, None) => blocking::run(&socket),
    }
}
