//! A thread of a server on a port: it waits for the right to drain a queue, and decides when it gives it on.
//!
//! ```text
//!   registered-port   take a batch ─► re-arm ─► handle
//!   hybrid            take a batch ─┬─ as many as the threshold: re-arm ─► handle
//!                                   └─ fewer: handle ─► take again, until there is nothing ─► re-arm
//!   reader-thread, hybrid-reader-thread: the same, but another thread posts the receives again
//!   ordered           the same, but what was taken is handled before it re-arms
//! ```
//!
//! So `registered-port` is `hybrid` with a threshold that every batch reaches. A thread that has re-armed does not
//! dequeue any more: the right is a value, and it is gone.

use std::sync::Arc;
use std::time::Instant;

use super::desk::Desk;
use super::hub::Hub;
use crate::port::{Packet, PortWaitError};
use crate::queue::{Completions, Operation, Ready};
use crate::server::board::Notes;
use crate::server::datagram::Datagram;
use crate::server::delivery::Handled;
use crate::server::design::{EXIT, LEAKY_PATIENCE, NAP, PATIENCE, TICK};
use crate::server::error::ServerError;
use crate::server::outlet::Site;
use crate::server::shared::Shared;
use crate::server::sockets::Place;

/// What a desk has room for from the beginning, in a batch.
const LEAST_ROOM: usize = 16;

/// Datagrams of runs that are as much work as one result is thought to be: handling them costs no receiving.
const RUN_WORTH: usize = 8;

/// When a thread lets another one dequeue.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Rule {
    /// The completions of a batch from which on another thread may join in.
    pub(in crate::server) threshold: usize,
    /// Handle first, and let another one join in then.
    pub(in crate::server) ordered: bool,
}

/// See the module.
pub(in crate::server) struct Station<'server> {
    hub: &'server Hub,
    /// By the context of completions: one for each socket.
    desks: Vec<Desk<'server>>,
    /// Those that the batch is of.
    touched: Vec<usize>,
    completions: Completions,
    rule: Rule,
    thread: usize,
    notes: &'server Notes,
    shared: Arc<Shared>,
    /// Completions may be runs of datagrams.
    offload: bool,
    /// Completions of the batch that are not dealt with.
    left: usize,
}

impl<'server> Station<'server> {
    pub(in crate::server) fn new(
        hub: &'server Hub,
        rule: Rule,
        results: usize,
        site: &Site,
        notes: &'server Notes,
    ) -> Station<'server> {
        // A batch may be of one socket, or of many.
        let room = results.div_ceil(hub.sockets.len().max(1)).max(LEAST_ROOM);
        let desk = |((number, requests), place): ((u32, _), &Place)| {
            Desk::new(hub, (number, requests), site.at(*place), notes, room)
        };
        hub.backend().into_iter().for_each(|backend| notes.runs_on(backend));
        Station {
            hub,
            desks: (0..).zip(hub.sockets.iter()).zip(&hub.places).map(desk).collect(),
            touched: Vec::with_capacity(hub.sockets.len()),
            completions: Completions::with_capacity(results),
            rule,
            thread: site.thread,
            notes,
            shared: Arc::clone(&site.shared),
            offload: site.offload,
            left: 0,
        }
    }

    /// Handles datagrams until the stop, and then what is left.
    pub(in crate::server) fn serve(
        &mut self,
        handler: &mut dyn FnMut(Datagram<'_>),
    ) -> Result<(), ServerError> {
        while !self.shared.stopping().asked() {
            let ticks = self.hub.memory.has_grown();
            match self.hub.port.wait(ticks.then_some(TICK)) {
                Ok(Packet::Ready(ready)) => self.drain(ready, handler)?,
                Ok(_) => {}
                Err(PortWaitError::TimedOut) => self.hub.memory.trim(),
                Err(source) => return Err(self.failed(source)),
            }
        }
        self.end(handler)
    }

    fn failed(&self, source: PortWaitError) -> ServerError {
        ServerError::PortWait { thread: self.thread, source }
    }

    /// Uses the right to drain a queue.
    fn drain(&mut self, mut ready: Ready, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        self.notes.notifications.add(1);
        loop {
            let taken = ready.dequeue(&mut self.completions);
            if taken == 0 {
                self.notes.empty_dequeues.add(1);
                ready.notify();
                return Ok(());
            }
            let enough = taken >= self.rule.threshold || self.has_long_runs();
            if enough && !self.rule.ordered {
                ready.notify();
                return self.handle(handler);
            }
            self.handle(handler)?;
            if enough {
                ready.notify();
                return Ok(());
            }
        }
    }

    /// Whether there is as much to do as in a batch of so many results, in fewer of them.
    fn has_long_runs(&self) -> bool {
        let datagrams =
            || self.completions.iter().map(|completion| completion.segments().len()).sum::<usize>();
        let can_be_reached = self.rule.threshold <= self.completions.capacity();
        self.offload && can_be_reached && datagrams() >= RUN_WORTH * self.rule.threshold
    }

    /// Deals with the batch.
    fn handle(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let mut handled = Handled::default();
        self.left = self.completions.len();
        for completion in self.completions.drain() {
            let number = completion.socket_context() as usize;
            if let Some(desk) = self.desks.get(number) {
                if desk.touch() {
                    self.touched.push(number);
                }
                match completion.operation() {
                    Operation::Receive => handled += desk.received(completion, handler)?,
                    _ => desk.sent(completion),
                }
            }
            self.left -= 1;
        }
        // Not all: there may be a thousand.
        for number in self.touched.drain(..) {
            self.desks.get(number).into_iter().for_each(Desk::finish);
        }
        if handled.datagrams > 0 {
            self.notes.batch(handled);
        }
        Ok(())
    }

    /// After the stop: all that the sockets hold, then the replies. All threads do it together, and each stays until
    /// everything has gone through.
    fn end(&mut self, handler: &mut dyn FnMut(Datagram<'_>)) -> Result<(), ServerError> {
        let leaky = self.shared.stopping().is_leaky();
        let patience = if leaky { LEAKY_PATIENCE } else { PATIENCE };
        let mut deadline = Instant::now() + patience;
        let mut before = self.hub.completed();
        while !self.hub.is_drained() {
            let completed = self.hub.completed();
            if completed != before && !leaky {
                (before, deadline) = (completed, Instant::now() + patience);
            } else if Instant::now() >= deadline {
                break;
            }
            match self.hub.port.wait(Some(NAP)) {
                Ok(Packet::Ready(ready)) => self.drain(ready, handler)?,
                Ok(_) => {}
                Err(PortWaitError::TimedOut) => self.hub.poke(),
                Err(source) => return Err(self.failed(source)),
            }
        }
        Ok(())
    }

    /// The thread leaves, perhaps by a panic: replies that were promised leave first, and slices that went astray are
    /// replaced. It wakes the next one, for it may have taken the packet that was meant for that one.
    pub(in crate::server) fn close(self) {
        self.desks.iter().for_each(Desk::finish);
        self.desks.iter().for_each(|desk| desk.make_up_for(self.left));
        // Refused only where so many packets wait that nobody sleeps.
        let _ = self.hub.port.post(EXIT, 0);
    }
}
