//! From bytes that are there to messages, and to the handler, as long as there is room for what it may reply.

use super::{Connection, Message, Requests, Served, Stage, Surroundings, Wish};
use crate::server::tcp::counters::Ending;
use crate::server::tcp::framing::Framing;

impl<Q: Requests, F: Framing, H: FnMut(Message<'_>)> Served<Q, F, H> {
    /// Gives the handler all messages that are there.
    #[inline]
    pub(super) fn handle(&mut self, around: &Surroundings<'_>) {
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
}
