//! What is compared. Each peer is a file, written the way its own documentation recommends.
//!
//! ```text
//!   peer process   main thread: Peer::receive, echo or streams, until the process ends
//!                     └── see(payload, address) for every datagram
//!                  thread "driver": asleep until the driver asks for counts or delays
//! ```

mod ringport;
mod rivals;
mod tokio;

use std::net::{TcpListener, UdpSocket};

use ringport_stand::Failure;
use serde::Serialize;

use crate::load::{Load, Work};

/// Who wrote what does the receiving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Maker {
    /// The library that this is about.
    Ringport,
    /// Another library.
    Other,
    /// Written here, by hand, over system calls.
    Hand,
}

/// One way to do the work. Each run is a process of its own, in which nothing else happens: a method takes the socket
/// and returns only with an error.
pub(crate) trait Peer: Sync {
    /// What it is called on the command line, in the tables and in the JSON.
    fn name(&self) -> &'static str;

    /// How it does the work, in a few words for tables and the page.
    fn how(&self) -> &'static str;

    /// Who made it.
    fn maker(&self) -> Maker;

    /// The packages whose versions belong to its figures.
    fn packages(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether it is measured under `load`. What it says yes to, its methods do.
    fn meets(&self, load: Load) -> bool;

    /// Why it cannot run on this machine, if so.
    fn obstacle(&self) -> Option<String> {
        None
    }

    /// Receives datagrams of up to [`SLICE`](ringport_stand::part::SLICE) bytes with their addresses, and shows each to
    /// [`see`](crate::receiver::see). The socket is bound, blocks, and has its buffers.
    fn receive(&self, _: UdpSocket) -> Result<(), Failure> {
        Err(self.refusal(Work::Receive))
    }

    /// Sends every datagram back to where it came from.
    fn echo(&self, _: UdpSocket) -> Result<(), Failure> {
        Err(self.refusal(Work::Echo))
    }

    /// Sends back every byte of every connection, with `TCP_NODELAY`. The listener listens, and blocks.
    fn streams(&self, _: TcpListener) -> Result<(), Failure> {
        Err(self.refusal(Work::Streams))
    }

    /// What a method says that is not there.
    fn refusal(&self, work: Work) -> Failure {
        format!("{} does not {work}", self.name()).into()
    }
}

/// All of them, in the order of the tables. The others are compared with the first.
pub(crate) fn all() -> Vec<&'static dyn Peer> {
    let mut all: Vec<&'static dyn Peer> = vec![&tokio::Tokio];
    all.extend(rivals::ALL);
    all.extend(ringport::ALL);
    all
}

/// The one that the others are compared with.
pub(crate) const REFERENCE: &str = "tokio";

/// The peer of this name.
pub(crate) fn named(name: &str) -> Option<&'static dyn Peer> {
    all().into_iter().find(|peer| peer.name() == name)
}
