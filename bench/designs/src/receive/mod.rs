//! The receiver process: one candidate, which receives and counts until the process ends.
//!
//! Each wants the peer's address, has room for the same datagram and looks at it in the same way. The files here
//! are the plain designs; those over a registered queue are in [`crate::moving`].

pub(crate) mod batched;
pub(crate) mod blocking;
mod library;
pub(crate) mod port;

use std::net::UdpSocket;

use ringport_stand::part::{ready, socket};
use ringport_stand::process::pin;

use crate::Failure;
use crate::candidate::{Candidate, Maker};
use crate::options::Receiver;

/// Runs the candidate.
pub(crate) fn run(options: &Receiver) -> Result<(), Failure> {
    pin(options.processor)?;
    let unknown = || format!("{} is no candidate", options.name);
    let candidate = Candidate::named(&options.name).ok_or_else(unknown)?;
    let socket = socket(options.socket_buffer)?;
    match candidate.maker {
        Maker::Hand(run) | Maker::Unsound(run) => run(socket, options.threads),
        Maker::Library(design) => library::run(socket, design.parse()?, options),
    }
}

/// Runs `work` on so many threads, each with its number, and tells the driver that datagrams may come. Work has no
/// end but a failure, and the first of them ends the process.
pub(crate) fn crew(
    socket: &UdpSocket,
    threads: usize,
    work: impl Fn(usize) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let work = &work;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                if let Err(error) = work(thread) {
                    eprintln!("error: {error}");
                    std::process::exit(1);
                }
            });
        }
        ready(socket.local_addr()?)
    })
}
