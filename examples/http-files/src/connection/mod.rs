//! A connection: one request after the other, and one answer after the other.
//!
//! ```text
//!   receives ──► inbox ──► a head ──► answering ──► head of the answer ──┐ deferred
//!                                         │                              ▼
//!                                         └──► body: file ──► slice ──► sends ──► peer
//!                                                  ▲                      │ completed
//!                                                  └──────────────────────┘ goes on
//! ```
//!
//! Whoever has a packet for it locks it, tells it what happened, and has it go on as far as it can. It stops where it
//! has to wait for a packet: for bytes, for a part of a file, or for one of its sends, of which it never has more than
//! its limit. So memory is bounded, and a peer that does not read is not read from either.

mod answering;
mod body;
mod inbox;
mod sending;
mod timer;

use std::time::Instant;

use ringport::port::Done;
use ringport::{Completion, Operation, PortRequestQueue, QueueError, Receive, Status, StreamSocket};

use self::body::Body;
use self::inbox::Inbox;
use self::timer::{Timer, Waiting};
use crate::house::House;
use crate::http::status;
use crate::limits::{INPUT_SLICES, OF_A_CONNECTION, RECEIVES};

/// See the module.
#[derive(Debug)]
pub(crate) struct Connection {
    /// What its packets carry.
    id: u64,
    /// `None` once it is closed; its requests complete still.
    requests: Option<PortRequestQueue<StreamSocket>>,
    inbox: Inbox,
    receives: u32,
    sends: u32,
    body: Option<Body>,
    phase: Phase,
    /// The peer sends no more.
    has_ended: bool,
    timer: Timer,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It takes requests.
    Open,
    /// The answer under way is the last.
    Ending,
    /// The last answer and the end are sent; what still comes is dropped.
    Lingering,
    /// It waits for nothing but its own completions.
    Closed,
}

impl Connection {
    /// Takes over a socket.
    pub(crate) fn new(house: &House, socket: &StreamSocket, id: u64) -> Result<Connection, QueueError> {
        // A head that waits for its body is deferred here; no other delay is wanted.
        socket.set_no_delay(true)?;
        let queue = house.queue_of(id);
        let requests = PortRequestQueue::new(socket, queue, queue, OF_A_CONNECTION, id)?;
        Ok(Connection {
            id,
            requests: Some(requests),
            inbox: Inbox::new(),
            receives: 0,
            sends: 0,
            body: None,
            phase: Phase::Open,
            has_ended: false,
            timer: Timer::new(Instant::now()),
        })
    }

    /// Whether nothing of it is left.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Closed && self.receives == 0 && self.sends == 0 && self.body.is_none()
    }

    /// A receive or a send is done.
    pub(crate) fn completed(&mut self, completion: Completion) {
        let is_well = completion.status() == Status::Success;
        if completion.operation() != Operation::Receive {
            self.sends -= 1;
            self.timer.progress(Instant::now());
        } else {
            self.receives -= 1;
            self.has_ended |= completion.is_end();
            let reads_on = self.phase == Phase::Open;
            if let Some(slice) = completion.into_unique().filter(|_| is_well && reads_on) {
                self.inbox.push(slice);
            }
        }
        if !is_well {
            self.close();
        }
    }

    /// A part of its file is there, or will not be.
    pub(crate) fn was_read(&mut self, house: &House, done: Done) {
        self.send_part(house, done);
    }

    /// Goes on as far as it can.
    pub(crate) fn advance(&mut self, house: &House, path: &mut Vec<u8>) {
        while self.step(house, path) {}
        self.receive(house);
        let waiting = match self.phase {
            Phase::Lingering => Waiting::Linger,
            _ if self.body.is_some() || self.sends > 0 => Waiting::Peer,
            _ if !self.inbox.is_empty() => Waiting::Head,
            _ => self.timer.between(),
        };
        self.timer.wait_for(waiting, Instant::now());
    }

    /// One step; false when it has to wait.
    fn step(&mut self, house: &House, path: &mut Vec<u8>) -> bool {
        if self.phase == Phase::Closed {
            return false;
        }
        if self.body.is_some() {
            return self.send_body(house);
        }
        if self.phase == Phase::Open && self.answer_next(house, path) {
            return true;
        }
        match self.phase {
            // What is left in the inbox is no whole request, and will not be.
            _ if self.has_ended && self.sends == 0 => self.close(),
            Phase::Ending if !self.has_ended => self.finish(),
            _ => false,
        }
    }

    /// Time has passed.
    pub(crate) fn expire(&mut self, house: &House, now: Instant) {
        let waiting = self.timer.waiting();
        let is_unasked = self.inbox.is_empty() && matches!(waiting, Waiting::Head | Waiting::Idle);
        if house.is_draining() && is_unasked {
            self.close();
        } else if self.phase != Phase::Closed && self.timer.is_over(&house.times, now) {
            match waiting {
                Waiting::Head if !self.inbox.is_empty() => self.refuse(house, status::Status::RequestTimeout),
                Waiting::Peer => self.abort(),
                _ => _ = self.close(),
            }
        }
    }

    /// Keeps as many receives posted as there may be.
    fn receive(&mut self, house: &House) {
        let Some(requests) = self.requests.as_ref() else { return };
        while !self.has_ended
            && self.receives < RECEIVES
            && self.inbox.slices() + (self.receives as usize) < INPUT_SLICES
        {
            if requests.receive_pooled(&house.memory.input, Receive::new(), 0).is_err() {
                _ = self.close();
                return;
            }
            self.receives += 1;
        }
    }

    /// Ends what is sent, behind the last answer.
    fn finish(&mut self) -> bool {
        self.phase = Phase::Lingering;
        self.inbox.clear();
        match self.requests.as_ref().map(|requests| requests.finish(0)) {
            Some(Ok(())) => self.sends += 1,
            _ => _ = self.close(),
        }
        true
    }

    /// Drops it so that the peer sees that something is missing.
    pub(crate) fn abort(&mut self) {
        if let Some(requests) = self.requests.as_ref() {
            // Without it the peer sees an orderly end of too few bytes, which it has to notice by itself.
            let _ = requests.socket().reset_on_close();
        }
        self.close();
    }

    /// Lets go of the socket. What is outstanding comes back as aborted.
    pub(crate) fn close(&mut self) -> bool {
        self.phase = Phase::Closed;
        self.inbox.clear();
        self.body.take_if(|body| !body.is_reading());
        self.requests = None;
        false
    }
}
