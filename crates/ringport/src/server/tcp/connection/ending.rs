//! How a connection ends.
//!
//! ```text
//!   open ──► closing: replies leave, then the end is sent ──► lingering: until the peer ends, too ──► gone
//!     └───────────────────── failed, reset, or a deadline passed ─────────────────────────────────────▲
//! ```
//!
//! What was replied leaves first. Then the socket stays until the peer has ended, too, or, where the server stops, until
//! all has arrived there.

use std::time::Duration;

use super::{Fate, Message, Requests, Served, Stage, Surroundings, Wish};
use crate::backend::sys::option;
use crate::server::tcp::counters::Ending;
use crate::server::tcp::framing::Framing;

/// How often a server that stops looks whether what it has sent has arrived.
const LOOK: Duration = Duration::from_millis(5);
/// How long nothing must have come or left before: where the system does not tell of what it has yet to send, a peer that
/// still sends shows that there is some.
const SILENCE: Duration = if option::TELLS_UNSENT { Duration::ZERO } else { Duration::from_millis(100) };

impl<Q: Requests, F: Framing, H: FnMut(Message<'_>)> Served<Q, F, H> {
    /// Begins the end: nothing is handled any more.
    pub(super) fn close(&mut self, ending: Ending, around: &Surroundings<'_>) {
        self.ending = ending;
        self.stage = Stage::Closing;
        self.assembly.clear();
        self.close_by = around.now.after(around.terms.close_timeout);
    }

    /// The connection is to end.
    #[cold]
    pub(super) fn fulfil(&mut self, wish: Wish, around: &Surroundings<'_>) {
        self.close(if wish == Wish::Refuse { Ending::Malformed } else { Ending::Handler }, around);
        if wish == Wish::Reset {
            // What is unsent goes with it.
            let _ = self.requests.socket().reset_on_close();
            self.outgoing.clear();
            (self.stage, self.peer_ended) = (Stage::Lingering, true);
        }
    }

    /// The server stops: a connection without an unfinished message ends now, another one when that is done
    /// ([`go_on`](Served::go_on) looks).
    pub(in crate::server::tcp) fn stop(&mut self, around: &Surroundings<'_>) -> Fate {
        match self.stage {
            Stage::Open if self.assembly.len() == 0 => {
                self.close(Ending::Stop, around);
                self.go_on(around)
            }
            Stage::Open | Stage::Closing => Fate::Open,
            Stage::Lingering => self.let_arrive(around),
        }
    }

    /// All that was replied has left: sends the end.
    pub(super) fn end(&mut self, around: &Surroundings<'_>) -> Fate {
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
    pub(super) fn let_arrive(&mut self, around: &Surroundings<'_>) -> Fate {
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
    pub(super) fn is_through(&self, around: &Surroundings<'_>) -> bool {
        around.shared.stopping().asked()
            && self.active.after(SILENCE) <= around.now
            && self.requests.socket().unacknowledged() == 0
    }

    /// The server's patience is over.
    pub(in crate::server::tcp) fn give_up(&mut self) {
        self.ending = Ending::CloseDeadline;
        let _ = self.requests.socket().reset_on_close();
    }
}
