//! One connection of a client: bytes out, bytes in.
//!
//! ```text
//!   send ─► outgoing ─► sends            receive ─► assembly ─► framing ─► response
//! ```
//!
//! One receive is posted at a time, so the bytes come in order, and none while the slices of the longest message are
//! full: a client that does not take its responses is not sent more of them.

use std::io;
use std::net::SocketAddr;

use super::counters::ClientCounters;
use super::line::Memory;
use crate::backend::sys::errno;
use crate::net::StreamSocket;
use crate::queue::{Completion, Operation, RequestQueue, Status};
use crate::server::tcp::Outgoing;
use crate::server::tcp::Requests;
use crate::server::tcp::assembly::Assembly;

/// See the module.
pub(super) struct Link<F> {
    pub(super) requests: RequestQueue<StreamSocket>,
    pub(super) peer: SocketAddr,
    /// The context of its completions.
    pub(super) context: u64,
    pub(super) framing: F,
    pub(super) assembly: Assembly,
    pub(super) outgoing: Outgoing,
    /// How the attempt to connect ended.
    pub(super) connected: Option<Status>,
    /// Why there will be no more bytes.
    pub(super) ended: Option<Ended>,
    /// Why a send failed. What the peer had sent before is still received.
    broken: Option<Ended>,
    /// A receive is posted.
    receiving: bool,
    /// There was a response.
    pub(super) answered: bool,
    /// The sends were ended.
    pub(super) finished: bool,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The peer has sent its last.
    InOrder,
    /// With this error number.
    Failed(i32),
}

impl Ended {
    pub(super) fn reason(self) -> io::Error {
        match self {
            Ended::InOrder => io::Error::new(io::ErrorKind::UnexpectedEof, "the peer ended it"),
            Ended::Failed(error) => io::Error::from_raw_os_error(error),
        }
    }
}

impl<F> Link<F> {
    pub(super) fn new(
        requests: RequestQueue<StreamSocket>,
        peer: SocketAddr,
        context: u64,
        framing: F,
        memory: &Memory,
    ) -> Link<F> {
        Link {
            requests,
            peer,
            context,
            framing,
            assembly: Assembly::default(),
            outgoing: Outgoing::new(memory.write_slices, memory.slice_size),
            connected: None,
            ended: None,
            broken: None,
            receiving: false,
            answered: false,
            finished: false,
        }
    }

    /// A request of it completed.
    pub(super) fn completed(&mut self, completion: Completion, counters: &mut ClientCounters) {
        let status = completion.status();
        match completion.operation() {
            Operation::Connect => self.connected = Some(status),
            Operation::Receive => {
                self.receiving = false;
                if status != Status::Success {
                    self.ended = self.broken.or(Some(failure(status)));
                } else if completion.is_end() {
                    self.ended = self.broken.or(Some(Ended::InOrder));
                } else if let Some(buffer) = completion.into_unique() {
                    counters.received += buffer.len() as u64;
                    self.assembly.push(buffer);
                }
            }
            Operation::Send => {
                counters.sent += completion.bytes() as u64;
                self.outgoing.sent(completion.bytes());
                if status != Status::Success {
                    self.broken.get_or_insert(failure(status));
                }
            }
            _ => {}
        }
    }

    /// Posts a receive, if there is none and it may hold one more slice. With `whole` false no message is there as a
    /// whole, so the slices of one that trickles in are moved together.
    pub(super) fn receive(&mut self, memory: &Memory, whole: bool) {
        if self.receiving || self.ended.is_some() {
            return;
        }
        if self.assembly.slices() >= memory.read_slices {
            if whole {
                return;
            }
            self.assembly.squeeze();
        }
        // Only a queue that is closed refuses.
        self.receiving = Requests::receive(&self.requests, &memory.pool).is_ok();
    }
}

fn failure(status: Status) -> Ended {
    match status {
        Status::Failed(error) => Ended::Failed(error),
        _ => Ended::Failed(errno::ECANCELED),
    }
}
