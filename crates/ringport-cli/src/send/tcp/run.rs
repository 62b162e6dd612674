//! The loop of a run: plans what is due, writes, reads, and sleeps in between.

use std::mem;

use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::send::figures::Sent;
use crate::send::pace::{Pace, sleep_end};
use crate::sys::troubles;
use crate::sys::watch::{Events, Watch};

use super::Held;
use super::connection::{CHUNK, Connection, Message};
use super::figures::Tally;
use super::opening::Opened;
use super::plan::Plan;

/// Events taken at once.
const EVENTS: usize = 256;
/// Longest time between two looks for silent connections.
const LOOK: u64 = 100_000_000;

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    interrupt: &'a Interrupt,
    pub(super) watch: Watch,
    /// By number; None: it ended, or never came about.
    pub(super) connections: Vec<Option<Connection>>,
    /// The numbers of those that are there.
    pub(super) living: Vec<usize>,
    /// Those that may have something to write.
    pub(super) listed: Vec<usize>,
    pub(super) tally: Tally,
    pub(super) pace: Option<Pace>,
    pub(super) start: u64,
    end: u64,
    /// From when on silence counts.
    pub(super) fair_since: u64,
    /// The next message to plan, and whose turn it is.
    pub(super) next: u64,
    turn: usize,
    /// Messages in all queues.
    pub(super) queued: u64,
    pub(super) chunk: Vec<u8>,
}

impl<'a> Run<'a> {
    /// A run over the connections that came about. Its schedule begins now.
    pub(super) fn new(plan: &'a Plan, interrupt: &'a Interrupt, opened: Opened) -> Run<'a> {
        let Opened { watch, connections, counts } = opened;
        let start = clock::now();
        let numbered = connections.iter().enumerate();
        Run {
            plan,
            interrupt,
            watch,
            living: numbered.filter_map(|(number, it)| it.as_ref().map(|_| number)).collect(),
            listed: Vec::with_capacity(connections.len()),
            connections,
            tally: Tally::new(counts),
            pace: plan.rate.map(|rate| Pace::new(start, rate)),
            start,
            end: plan.duration.map_or(u64::MAX, |duration| start.saturating_add(duration.as_nanos() as u64)),
            fair_since: start,
            next: 0,
            turn: 0,
            queued: 0,
            chunk: vec![0; CHUNK],
        }
    }

    /// Runs to the end: all is sent and answered, the time is over, nobody is left to send to, or it was asked for.
    pub(super) fn drive(&mut self) -> Result<(), Failure> {
        // What came while the others were opened was told of then, and is not told again.
        for number in self.living.clone() {
            self.read(number, false);
            self.list(number);
        }
        let every = (self.plan.timeout.as_nanos() as u64 / 4).min(LOOK);
        let mut look = self.start.saturating_add(every);
        let mut events = Events::with_capacity(EVENTS);
        loop {
            let now = clock::now();
            let sending = self.next < self.plan.messages && now < self.end && !self.interrupt.asked();
            if sending {
                self.plan_what_is_due(now);
            }
            self.write_listed(now, sending);
            if now >= look {
                self.give_up_silent(now, now - look > every);
                look = now.saturating_add(every);
            }
            let done = !sending && self.queued == 0;
            if done || self.living.is_empty() || self.interrupt.asked() {
                return Ok(());
            }
            self.wait(now, sending, look, &mut events)?;
            for event in events.iter() {
                if event.readable {
                    self.read(event.number, event.short_is_last);
                }
                self.list(event.number);
            }
        }
    }

    /// The figures, once it has ended, and the connections, which are open still.
    pub(super) fn end(mut self) -> (Sent, Held) {
        self.tally.connections.held = self.living.len() as u32;
        (self.tally.figures(self.plan, self.interrupt.asked()), Held { _connections: self.connections })
    }

    /// Gives the messages whose time has come to the connections, in turn. A connection that is behind gets its share
    /// all the same: its messages wait in its queue, and their latency counts from now.
    fn plan_what_is_due(&mut self, now: u64) {
        let Some(pace) = self.pace else { return };
        while self.next < self.plan.messages && !self.living.is_empty() {
            let due = pace.due(self.next);
            if due > now {
                return;
            }
            self.hand_out(Message { sequence: self.next, start: due }, now);
            self.next += 1;
        }
    }

    pub(super) fn hand_out(&mut self, message: Message, now: u64) {
        let Some(number) = self.living.get(self.turn % self.living.len().max(1)).copied() else { return };
        self.turn += 1;
        if let Some(connection) = &mut self.connections[number] {
            connection.plan(message, now);
            self.queued += 1;
            self.list(number);
        }
    }

    /// Notes that a connection may have something to write.
    pub(super) fn list(&mut self, number: usize) {
        if let Some(Some(connection)) = self.connections.get_mut(number)
            && !mem::replace(&mut connection.listed, true)
        {
            self.listed.push(number);
        }
    }

    /// Waits until something comes, or the next message is due, or it is time to look around.
    fn wait(&mut self, now: u64, sending: bool, look: u64, events: &mut Events) -> Result<(), Failure> {
        let due = self.pace.filter(|_| sending).map_or(u64::MAX, |pace| pace.due(self.next));
        let until = due.min(look).min(if sending { self.end } else { u64::MAX });
        let nanoseconds = match sleep_end(now, until) {
            Some(end) if self.listed.is_empty() => end - now,
            _ => 0,
        };
        self.watch
            .wait(events, nanoseconds)
            .map_err(|error| Failure::failed(format!("could not wait: {}", troubles::describe(&error))))
    }
}
