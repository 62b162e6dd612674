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
//! ```text
//!   open ──► closing: replies leave, then the end is sent ──► lingering: until the peer ends, too ──► gone
//!     └───────────────────── failed, reset, or a deadline passed ─────────────────────────────────────▲
//! ```

mod message;
mod outgoing;
mod peer;
mod requests;

use std::net::SocketAddr;
use std::time::Duration;

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
use crate::backend::sys::option;
use crate::memory::{BufferPool, Reservation};
use crate::queue::{Completion, Operation, Status};

/// How often a server that stops looks whether what it has sent has arrived.
const LOOK: Duration = Duration::from_millis(5);
/// How long nothing must have come or left before: where the system does not tell of what it has yet to send, a peer that
/// still sends shows that there is some.
const SILENCE: Duration = if option::TELLS_UNSENT { Duration::ZERO } else { Duration::from_millis(100) };

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

    /// Gives the handler all messages that are there.
    #[inline]
    fn handle(&mut self, around: &Surroundings<'_>) {
        self.paused = false;
        let mut messages = 0;
        loop {
            if self.outgoing.room() < around.terms.largest_reply {
                // Only where a message is there: one that comes later finds room, perhaps.
                self.paused = self.assembly.len() > 0 && self.assembly.missing() == 0;
                around.notes.paused.add(u64::from(self.paused));
                if self.paused || self.assembly.len() == 0 {
                    break;
                }
            }
            let mut wish = Wish::None;
            match self.assembly.next(&mut self.framing) {
                Ok(Some(assembled)) => {
                    messages += 1;
                    let connection = Connection {
                        id: self.id,
                        peer: self.peer,
                        outgoing: &mut self.outgoing,
                        wish: &mut wish,
                        pool: around.pool,
                        shared: around.shared,
                    };
                    (self.handler)(Message { assembled, connection });
                }
                Ok(None) => break,
                Err(_) => wish = Wish::Refuse,
            }
            if wish != Wish::None {
                self.fulfil(wish, around);
                break;
            }
        }
        around.notes.messages.add(messages);
        if messages > 0
            && let Some(since) = self.message_since.as_mut()
        {
            // What is left began later. The deadline that was filed is earlier, and looks again.
            *since = around.now;
        }
        if self.stage == Stage::Open && self.peer_ended && !self.paused {
            self.close(Ending::Peer, around);
        }
    }

    /// The connection is to end.
    #[cold]
    fn fulfil(&mut self, wish: Wish, around: &Surroundings<'_>) {
        self.close(if wish == Wish::Refuse { Ending::Malformed } else { Ending::Handler }, around);
        if wish == Wish::Reset {
            // What is unsent goes with it.
            let _ = self.requests.socket().reset_on_close();
            self.outgoing.clear();
            (self.stage, self.peer_ended) = (Stage::Lingering, true);
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

    /// Notes when an unfinished message began, whose deadline may be nearer than that of idleness.
    #[inline]
    fn mark_message(&mut self, around: &Surroundings<'_>) -> Fate {
        if self.assembly.len() == 0 {
            self.message_since = None;
            return Fate::Open;
        }
        if self.message_since.is_some() {
            return Fate::Open;
        }
        self.message_since = Some(around.now);
        Fate::Sooner
    }

    /// Begins the end: nothing is handled any more.
    fn close(&mut self, ending: Ending, around: &Surroundings<'_>) {
        self.ending = ending;
        self.stage = Stage::Closing;
        self.assembly.clear();
        self.close_by = around.now.after(around.terms.close_timeout);
    }

    /// All that was replied has left: sends the end.
    fn end(&mut self, around: &Surroundings<'_>) -> Fate {
        // Nothing is on its way from a peer that is silent.
        if self.peer_ended || self.ending == Ending::Idle || self.requests.finish().is_err() {
            return Fate::Gone;
        }
        self.stage = Stage::Lingering;
        if around.shared.stopping().asked() {
            return self.let_arrive(around);
        }
        if !self.receiving {
            self.receive(around);
        }
        Fate::Sooner
    }

    /// The server stops, and the end was sent: it does not wait for the peer's, only until all has arrived there. To
    /// close the socket before would reset it, should the peer still be sending, and what is on its way would be lost.
    fn let_arrive(&mut self, around: &Surroundings<'_>) -> Fate {
        if self.is_through(around) {
            return Fate::Gone;
        }
        self.look_at = around.now.after(LOOK);
        if !self.receiving {
            self.receive(around);
        }
        Fate::Sooner
    }

    /// Whether a server that stops is done with a connection whose end was sent.
    fn is_through(&self, around: &Surroundings<'_>) -> bool {
        around.shared.stopping().asked()
            && self.active.after(SILENCE) <= around.now
            && self.requests.socket().unacknowledged() == 0
    }

    /// When it is to be looked at again, should nothing happen until then.
    pub(super) fn deadline(&self, terms: &Terms) -> Moment {
        let after =
            |since: Moment, time: Option<Duration>| time.map_or(Moment::NEVER, |time| since.after(time));
        if self.stage != Stage::Open {
            return self.close_by.min(self.look_at);
        }
        let idle = after(self.active, terms.idle_timeout);
        let message = self.message_since.map_or(Moment::NEVER, |since| after(since, terms.message_timeout));
        idle.min(message)
    }

    /// A deadline may have passed: what becomes of it.
    pub(super) fn timed_out(&mut self, around: &Surroundings<'_>) -> Fate {
        if self.deadline(around.terms) > around.now {
            return Fate::Sooner;
        }
        if self.close_by > around.now && self.stage == Stage::Lingering {
            return self.let_arrive(around);
        }
        if self.stage != Stage::Open {
            self.ending = if self.stage == Stage::Closing { Ending::CloseDeadline } else { self.ending };
            let _ = self.requests.socket().reset_on_close();
            return Fate::Gone;
        }
        let in_message = self.message_since.is_some();
        self.close(if in_message { Ending::MessageDeadline } else { Ending::Idle }, around);
        self.go_on(around)
    }

    /// The server stops: a connection without an unfinished message ends now, another one when that is done
    /// ([`go_on`](Served::go_on) looks).
    pub(super) fn stop(&mut self, around: &Surroundings<'_>) -> Fate {
        match self.stage {
            Stage::Open if self.assembly.len() == 0 => {
                self.close(Ending::Stop, around);
                self.go_on(around)
            }
            Stage::Open | Stage::Closing => Fate::Open,
            Stage::Lingering => self.let_arrive(around),
        }
    }

    /// The server's patience is over.
    pub(super) fn give_up(&mut self) {
        self.ending = Ending::CloseDeadline;
        let _ = self.requests.socket().reset_on_close();
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
