//! What leaves: heads, and files slice by slice.

use ringport::port::Done;
use ringport::{BufferMut, Send};

use super::{Connection, Phase};
use crate::house::House;
use crate::limits::SENDS;

impl Connection {
    /// Posts a send. A deferred one leaves with the next.
    pub(super) fn send(&mut self, slice: BufferMut, defer: bool) {
        let options = if defer { Send::new().defer() } else { Send::new() };
        match self.requests.as_ref().map(|requests| requests.send_with(slice, options, 0)) {
            Some(Ok(())) => self.sends += 1,
            _ => _ = self.close(),
        }
    }

    /// Reads and sends the next part of the file; false when that has to wait.
    pub(super) fn send_body(&mut self, house: &House) -> bool {
        let Some(body) = self.body.as_mut().filter(|body| !body.is_reading()) else { return false };
        if self.sends >= SENDS {
            return false;
        }
        let begun = house.memory.bodies.take().ok().and_then(|slice| body.read(slice).ok());
        match begun {
            Some(Some(done)) => self.send_part(house, done),
            Some(None) => return false,
            None => self.abort(),
        }
        true
    }

    /// Sends a part that was read.
    pub(super) fn send_part(&mut self, house: &House, done: Done) {
        let Some(body) = self.body.as_mut() else { return };
        let filled = body.filled(done);
        let is_last = body.is_done();
        if self.phase == Phase::Closed {
            self.body = None;
            return;
        }
        match filled {
            Some(slice) => {
                house.counters.sent(slice.len());
                if is_last {
                    self.body = None;
                }
                self.send(slice, false);
            }
            // The head has promised more: only an end in disorder tells the peer.
            None => self.abort(),
        }
    }
}
