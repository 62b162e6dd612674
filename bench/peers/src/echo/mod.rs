//! The server process: one candidate, which answers every datagram until the process ends.

mod library;
mod tokio;

use std::net::UdpSocket;

use ringport_stand::part::{SLICE, ready, socket};
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
        (_, Some(backend)) => library::run(socket, part.socket_buffer, backend),
        (_, None) => blocking(&socket),
    }
}

/// The standard library's calls, one after the other.
fn blocking(socket: &UdpSocket) -> Result<(), Failure> {
    ready(socket.local_addr()?)?;
    let mut buffer = vec![0; SLICE];
    loop {
        let (bytes, peer) = socket.recv_from(&mut buffer)?;
        socket.send_to(buffer.get(..bytes).unwrap_or_default(), peer)?;
    }
}
