//! What the calls of a client are made of: a connection to send on, bytes out, a message in, and an end in between.
//!
//! ```text
//!   ended? ── nothing was asked ──────────────────► connect anew, without a word
//!     └────── something was ──► whole messages first ──► lost: an error, or connect anew and send again
//! ```

use std::mem;
use std::time::Instant;

use super::connecting::later;
use super::error::ClientError;
use super::link::Ended;
use super::response::Response;
use super::tcp_client::TcpClient;
use crate::server::tcp::assembly::Found;
use crate::server::tcp::framing::Framing;

pub(super) const SENDING: &str = "sending";
const RECEIVING: &str = "a response";

impl<F: Framing + Clone> TcpClient<F> {
    /// When a call that begins now has to end.
    pub(super) fn until(&self) -> Instant {
        later(Instant::now(), self.timeout)
    }

    /// Sees to it that there is a connection to send on.
    pub(super) fn ready(&mut self, until: Instant) -> Result<(), ClientError> {
        if let Some(link) = self.link.as_mut() {
            if self.unanswered.len() == 0 {
                // The peer may have ended it while nothing was asked.
                link.receive(&self.line.memory, true);
                self.line.take(link);
            }
            match link.ended {
                None if link.finished => return Err(ClientError::Finished { peer: link.peer }),
                None => return Ok(()),
                Some(_) if self.unanswered.len() > 0 => return self.settle(until),
                Some(_) => {
                    if !link.answered {
                        self.target.failed();
                    }
                    self.let_go();
                }
            }
        }
        self.link = Some(self.target.connect(&mut self.line, &self.framing, until)?);
        Ok(())
    }

    /// Takes a message to be sent.
    pub(super) fn put(&mut self, message: &[u8], until: Instant) -> Result<(), ClientError> {
        if self.unanswered.len() >= self.pipeline {
            return Err(ClientError::TooManyUnanswered { limit: self.pipeline });
        }
        self.ready(until)?;
        self.unanswered.push(message);
        self.line.counters.requests += 1;
        self.pass(message, until)
    }

    /// Copies bytes into slices, which leave when they are full. On a connection that ended they are thrown away: that
    /// is told when its last response was taken.
    pub(super) fn pass(&mut self, bytes: &[u8], until: Instant) -> Result<(), ClientError> {
        let mut left = bytes;
        while !left.is_empty() {
            let Some(link) = self.link.as_mut().filter(|link| link.ended.is_none()) else { return Ok(()) };
            let room = link.outgoing.room().min(left.len());
            let (now, rest) = left.split_at(room);
            if room > 0 && link.outgoing.append(&self.line.memory.pool, now).is_ok() {
                left = rest;
                continue;
            }
            if self.line.flush(link) > 0 {
                continue;
            }
            link.receive(&self.line.memory, true);
            if link.outgoing.is_empty() {
                let slices = self.line.memory.pool.figures().slices;
                self.disconnect();
                return Err(ClientError::NoSlices { slices });
            }
            if !self.line.wait(link, until)? {
                let error = self.timed_out(SENDING);
                self.disconnect();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Waits until a message is there as a whole.
    pub(super) fn find(&mut self, until: Instant) -> Result<Found, ClientError> {
        loop {
            let Some(link) = self.link.as_mut() else {
                return Err(ClientError::NotConnected { address: self.target.text.clone() });
            };
            self.line.flush(link);
            match link.assembly.find(&mut link.framing) {
                Ok(Some(found)) => {
                    // So that the end is seen, should it come before the next call.
                    link.receive(&self.line.memory, true);
                    self.unanswered.pop();
                    self.line.counters.responses += 1;
                    if !mem::replace(&mut link.answered, true) {
                        self.target.backoff.succeeded();
                    }
                    return Ok(found);
                }
                Ok(None) => {}
                Err(source) => {
                    let peer = link.peer;
                    self.disconnect();
                    return Err(ClientError::Malformed { peer, source });
                }
            }
            if link.ended.is_some() {
                self.lost(until)?;
                continue;
            }
            link.receive(&self.line.memory, false);
            if !self.line.wait(link, until)? {
                let figures = self.line.memory.pool.figures();
                return Err(match figures.free {
                    0 => ClientError::NoSlices { slices: figures.slices },
                    _ => self.timed_out(RECEIVING),
                });
            }
        }
    }

    pub(super) fn response(&mut self, found: Found) -> Result<Response<'_>, ClientError> {
        match self.link.as_mut() {
            Some(link) => Ok(Response { assembled: link.assembly.take(found) }),
            // Never so: it was found on a connection.
            None => Err(ClientError::NotConnected { address: self.target.text.clone() }),
        }
    }

    /// The connection ended while something was asked: what came before the end is taken first.
    pub(super) fn settle(&mut self, until: Instant) -> Result<(), ClientError> {
        match self.link.as_ref() {
            Some(link) if link.assembly.len() == 0 => self.lost(until),
            _ => Ok(()),
        }
    }

    /// The connection ended, and all that came was taken. Connects anew and sends again what is not answered, if that
    /// is wanted.
    pub(super) fn lost(&mut self, until: Instant) -> Result<(), ClientError> {
        let Some(link) = self.link.as_ref() else { return Ok(()) };
        let unanswered = self.unanswered.len();
        let (peer, ended) = (link.peer, link.ended.unwrap_or(Ended::InOrder));
        if unanswered > 0 || !link.answered {
            self.target.failed();
        }
        self.let_go();
        if unanswered == 0 || !self.unanswered.keeps() {
            self.unanswered.clear();
            return Err(ClientError::Lost { peer, unanswered, reason: ended.reason() });
        }
        let again = self.unanswered.take();
        let connected = self.target.connect(&mut self.line, &self.framing, until);
        if connected.is_err() {
            self.unanswered.clear();
        }
        self.link = Some(connected?);
        self.line.counters.resent += unanswered as u64;
        let (first, second) = again.bytes();
        self.pass(first, until)?;
        self.pass(second, until)?;
        self.unanswered = again;
        Ok(())
    }

    pub(super) fn timed_out(&self, doing: &'static str) -> ClientError {
        let (time, unanswered) = (self.timeout, self.unanswered.len());
        match self.link.as_ref() {
            Some(link) => ClientError::TimedOut { doing, peer: link.peer, time, unanswered },
            None => ClientError::NotConnected { address: self.target.text.clone() },
        }
    }

    /// Ends the connection at once, and forgets what was asked on it.
    pub(super) fn disconnect(&mut self) {
        self.unanswered.clear();
        self.let_go();
    }

    pub(super) fn let_go(&mut self) {
        self.link = None;
        self.line.clear();
    }
}
