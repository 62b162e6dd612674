//! What a run does with one connection: fills it, writes to it, takes its answers, and loses it.

use std::mem;

use crate::clock;

use super::connection::{self, CHUNK, Connection, Message};
use super::ending::Ending;
use super::plan::Plan;
use super::run::Run;

/// Reads of one connection before the others have their turn.
const READS: usize = 16;

impl Run<'_> {
    /// Lets every connection that may have something to write do so, once.
    pub(super) fn write_listed(&mut self, now: u64, sending: bool) {
        let mut listed = mem::take(&mut self.listed);
        for number in listed.drain(..) {
            self.write(number, now, sending);
        }
        // Those that were listed meanwhile, in front of the room that is there already.
        listed.append(&mut self.listed);
        self.listed = listed;
    }

    fn write(&mut self, number: usize, now: u64, sending: bool) {
        let Some(connection) = &mut self.connections[number] else { return };
        connection.listed = false;
        if sending && self.pace.is_none() {
            let room = room(self.plan).saturating_sub(connection.queued());
            for _ in 0..(room as u64).min(self.plan.messages - self.next) {
                connection.plan(Message { sequence: self.next, start: now }, now);
                self.next += 1;
                self.queued += 1;
            }
        }
        let wrote = match connection.write(self.plan, &mut self.chunk, now) {
            Ok(wrote) => wrote,
            Err(error) => return self.lose(number, Ending::of(error), now),
        };
        self.tally.sent += wrote.messages;
        if !self.plan.echo {
            self.queued -= wrote.messages;
        }
        if wrote.messages > 0 {
            self.tally.nanoseconds = clock::now() - self.start;
        }
        // A flood goes on as long as there is room; an echo when answers come, a schedule when it is time.
        if !self.plan.echo && self.pace.is_none() && !wrote.blocked {
            self.list(number);
        }
    }

    /// Takes what came on a connection; `short_is_last`: a read that does not fill its buffer has taken all.
    pub(super) fn read(&mut self, number: usize, short_is_last: bool) {
        for _ in 0..READS {
            let Some(Some(connection)) = self.connections.get_mut(number) else { return };
            let came = match connection::read(&connection.socket, &mut self.chunk) {
                Ok(None) => return,
                Ok(Some(0)) => return self.lose(number, Ending::Closed, clock::now()),
                Ok(Some(came)) => came,
                Err(error) => return self.lose(number, Ending::of(error), clock::now()),
            };
            if self.plan.echo {
                let (now, tally, queued) = (clock::now(), &mut self.tally, &mut self.queued);
                let too_many = connection.take(self.plan, &self.chunk[..came], now, |start, whole| {
                    tally.answer(now.saturating_sub(start), whole);
                    *queued -= 1;
                });
                tally.nanoseconds = now - self.start;
                if too_many > 0 {
                    return self.lose(number, Ending::Excess, now);
                }
            }
            if short_is_last && came < self.chunk.len() {
                return;
            }
        }
        // There may be more, which is told again only if it is asked for.
        if let Some(Some(connection)) = self.connections.get_mut(number) {
            let _ = self.watch.tell_again(&mut connection.socket, number);
        }
    }

    /// A connection is gone: what it was sent and has not answered is lost, the rest goes another way.
    fn lose(&mut self, number: usize, ending: Ending, now: u64) {
        let Some(connection) = self.connections[number].take() else { return };
        self.living.retain(|living| *living != number);
        self.tally.connections.ended(ending);
        self.queued -= connection.queued() as u64;
        for message in connection.unwritten() {
            self.hand_out(message, now);
        }
    }

    /// Loses the connections that owe something and on which nothing has moved for the time-out. After a look that comes
    /// far too late it was this process that did not run, for which nobody else is to blame: their time begins anew.
    pub(super) fn give_up_silent(&mut self, now: u64, late: bool) {
        if late {
            self.fair_since = now;
        }
        let limit = now.saturating_sub(self.plan.timeout.as_nanos() as u64);
        let fair_since = self.fair_since;
        let is_silent = |it: &Connection| it.queued() > 0 && it.moved.max(fair_since) < limit;
        let numbers = self.living.iter().copied();
        let silent: Vec<usize> =
            numbers.filter(|number| self.connections[*number].as_ref().is_some_and(is_silent)).collect();
        for number in silent {
            self.lose(number, Ending::Silent, now);
        }
    }
}

/// Messages that a connection of a closed loop may have in its queue.
fn room(plan: &Plan) -> usize {
    match plan.outstanding {
        Some(most) if plan.echo => usize::try_from(most).unwrap_or(usize::MAX),
        // Nothing is waited for: as many as are handed to the kernel at once.
        _ => (CHUNK / plan.payload).max(1),
    }
}
