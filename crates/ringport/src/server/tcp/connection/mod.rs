//! One connection of a server: bytes in, messages to the handler, replies out.
//!
//! ```text
//!   completion ─► assembly ─► framing ─► handler ─► outgoing ─► sends
//!       ▲                                              │ no room for a reply: no more messages,
//!       └──── receive posted again ◄── room ◄──────────┘ and nothing is received, until there is
//! ```
//!
//! One receive is posted at a time and posted again when what it brought was handled. So whatever thread handles a
//! completion, the bytes of a connection come in order, and a peer that does not read its replies is not read from.
//!
//! What the handler is given is in [`handling`], how long is waited in [`deadlines`], and how it ends in [`ending`].

mod deadlines;
mod ending;
mod handling;
mod message;
mod outgoing;
mod peer;
mod requests;

use std::net::SocketAddr;

pub use message::Message;
pub(crate) use outgoing::Outgoing;
pub(super) use peer::Wish;
pub use peer::{Connection, ConnectionId};
pub(crate) use requests::Requests;

use super::assembly::Assembly;
use super::counters::{Ending, Notes};
use super::framing::Framing;
use super::options::Terms;
use super::shared::Shared;
use super::wheel::Moment;
use crate::memory::{BufferPool, Reservation};
use crate::queue::{Completion, Operation, Status};

/// What is at hand while a connection is looked after.
pub(super) struct Surroundings<'desk> {
    pub(super) pool: &'desk BufferPool,
    pub(super) terms: &'desk Terms,
    pub(super) shared: &'desk Shared,
    pub(super) notes: &'desk Notes,
    pub(super) now: Moment,
}

/// What a connection is to those who keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on.
    Open,
    /// It goes on, and a deadline may be earlier than the last that was asked for.
    Sooner,
    /// It is over.
    Gone,
}

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// No more messages; what was replied leaves.
    Closing,
    /// The end was sent; what the peer still sends is thrown away.
    Lingering,
}

/// See the module.
pub(super) struct Served<Q, F, H> {
    id: ConnectionId,
    peer: SocketAddr,
    requests: Q,
    assembly: Assembly,
    framing: F,
    handler: H,
    outgoing: Outgoing,
    stage: Stage,
    ending: Ending,
    /// A receive is posted.
    receiving: bool,
    /// There was no room for a reply when a message was there.
    paused: bool,
    /// The peer has sent its last.
    peer_ended: bool,
    /// The last byte that came or left.
    active: Moment,
    /// The first byte of a message that is not whole.
    message_since: Option<Moment>,
    close_by: Moment,
    /// When a server that stops looks whether all has arrived.
    look_at: Moment,
    _reservation: Reservation,
}

impl<Q: Requests, F: Framing, H: FnMut(Message<'_>)> Served<Q, F, H> {
    /// Takes a connection on and posts its first receive.
    pub(super) fn new(
        id: ConnectionId,
        peer: SocketAddr,
        requests: Q,
        framing: F,
        handler: H,
        reservation: Reservation,
        around: &Surroundings<'_>,
    ) -> Self {
        let terms = around.terms;
        let mut served = Served {
            id,
            peer,
            requests,
            assembly: Assembly::default(),
            framing,
            handler,
            outgoing: Outgoing::new(terms.write_slices, terms.slice_size),
            stage: Stage::Open,
            ending: Ending::Peer,
            receiving: false,
            paused: false,
            peer_ended: false,
            active: around.now,
            message_since: None,
            close_by: Moment::NEVER,
            look_at: Moment::NEVER,
            _reservation: reservation,
        };
        served.receive(around);
        served
    }

    /// A request of it completed.
    #[inline]
    pub(super) fn completed(&mut self, completion: Completion, around: &Surroundings<'_>) -> Fate {
        match completion.operation() {
            Operation::Receive => self.received(completion, around),
            Operation::Send => self.sent(&completion, around),
            _ => Fate::Open,
        }
    }

    #[inline]
    fn received(&mut self, completion: Completion, around: &Surroundings<'_>) -> Fate {
        self.receiving = false;
        match completion.status() {
            Status::Success if completion.is_end() => self.peer_ended = true,
            Status::Success => {
                around.notes.received.add(completion.bytes() as u64);
                self.active = around.now;
                if let Some(buffer) = completion.into_unique().filter(|_| self.stage == Stage::Open) {
                    self.assembly.push(buffer);
                }
            }
            _ => {
                self.ending = Ending::Failed;
                return Fate::Gone;
            }
        }
        self.go_on(around)
    }

    fn sent(&mut self, completion: &Completion, around: &Surroundings<'_>) -> Fate {
        self.outgoing.sent(completion.bytes());
        around.notes.sent.add(completion.bytes() as u64);
        if completion.status() != Status::Success {
            self.ending = Ending::Failed;
            return Fate::Gone;
        }
        self.active = around.now;
        if self.paused || self.stage != Stage::Open {
            return self.go_on(around);
        }
        Fate::Open
    }

    /// Handles what is there, sends what was replied, and receives on, as far as each is possible.
    #[inline]
    fn go_on(&mut self, around: &Surroundings<'_>) -> Fate {
        loop {
            if self.stage == Stage::Open {
                self.handle(around);
            }
            if self.outgoing.has_more() {
                let sent = self.outgoing.flush(&self.requests);
                around.notes.sent.add(sent as u64);
            }
            // What has left at once makes room at once, and nothing would tell of it later.
            let waits = self.outgoing.room() < around.terms.largest_reply;
            if self.stage != Stage::Open || !self.paused || waits {
                break;
            }
        }
        match self.stage {
            Stage::Open => {
                if around.shared.stopping().asked() && self.assembly.len() == 0 {
                    self.close(Ending::Stop, around);
                    return self.go_on(around);
                }
                if !self.paused && !self.receiving {
                    self.receive(around);
                }
                self.mark_message(around)
            }
            Stage::Closing if self.outgoing.is_empty() => self.end(around),
            Stage::Closing => Fate::Sooner,
            Stage::Lingering if self.peer_ended || self.is_through(around) => Fate::Gone,
            Stage::Lingering => {
                if !self.receiving {
                    self.receive(around);
                }
                Fate::Open
            }
        }
    }

    /// Posts a receive, if the connection may hold one more slice.
    #[inline]
    fn receive(&mut self, around: &Surroundings<'_>) {
        if self.peer_ended {
            return;
        }
        if self.assembly.slices() >= around.terms.read_slices {
            // A peer that trickles: its bytes are moved together.
            self.assembly.squeeze();
        }
        // Only a queue that is closed refuses.
        self.receiving = self.requests.receive(around.pool).is_ok();
    }

    /// How often its place was given out before.
    pub(super) fn generation(&self) -> u32 {
        self.id.generation
    }

    /// Why it ended.
    pub(super) fn ending(&self) -> Ending {
        self.ending
    }
}
