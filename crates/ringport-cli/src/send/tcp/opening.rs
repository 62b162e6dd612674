//! Opens the connections, a few each millisecond, and counts those that do not come about.
//!
//! All at once would fill the server's queue of connections to accept (128 for many servers); the kernel drops what
//! does not fit and tries again only a second later.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

use crate::clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::sys::troubles;
use crate::sys::watch::{self, Events, Stream, Watch};

use super::connection::Connection;
use super::figures::Connections;
use super::plan::Plan;

/// Connections under way at one moment, and those begun in one step.
const UNDER_WAY: usize = 512;
const STEP: usize = 32;
/// Nanoseconds from one step to the next. A step that comes late is not made up for: that would be a burst.
const EVERY: u64 = 1_000_000;

/// The connections that came about, by their number, and what watches them.
pub(super) struct Opened {
    pub(super) watch: Watch,
    pub(super) connections: Vec<Option<Connection>>,
    pub(super) counts: Connections,
}

impl Opened {
    pub(super) fn living(&self) -> usize {
        self.connections.iter().flatten().count()
    }

    /// The failure of a run without any connection.
    pub(super) fn nobody_there(&self, plan: &Plan) -> Failure {
        let why = self.counts.troubles().join("; ");
        Failure::failed(format!(
            "no connection to {} came about: {why}; is a server running there?",
            plan.address
        ))
    }
}

/// Opens as many as the plan says, or as many as there are when the end is asked for.
pub(super) fn open(plan: &Plan, interrupt: &Interrupt) -> Result<Opened, Failure> {
    let start = clock::now();
    let watch = Watch::new().map_err(|error| no_watch(&error))?;
    let mut opening = Opening {
        plan,
        opened: Opened {
            watch,
            connections: (0..plan.connections).map(|_| None).collect(),
            counts: Connections { asked: plan.connections, ..Connections::default() },
        },
        under_way: Vec::new(),
        next: 0,
    };
    let mut events = Events::with_capacity(UNDER_WAY);
    while !interrupt.asked() {
        let now = clock::now();
        opening.step(now)?;
        if opening.under_way.is_empty() && opening.next == plan.connections {
            break;
        }
        clock::sleep_until(now + EVERY);
        opening.opened.watch.wait(&mut events, 0).map_err(|error| no_watch(&error))?;
        for event in events.iter() {
            opening.settle(event.number, now);
        }
        opening.give_up(now);
    }
    opening.opened.counts.opening_seconds = (clock::now() - start) as f64 / 1e9;
    Ok(opening.opened)
}

struct Opening<'a> {
    plan: &'a Plan,
    opened: Opened,
    under_way: Vec<UnderWay>,
    next: u32,
}

struct UnderWay {
    number: u32,
    socket: Stream,
    since: u64,
}

impl Opening<'_> {
    fn step(&mut self, now: u64) -> Result<(), Failure> {
        let room = UNDER_WAY.saturating_sub(self.under_way.len()).min(STEP);
        for number in (self.next..self.plan.connections).take(room) {
            self.next += 1;
            match connect(self.plan.target) {
                Ok(mut socket) => {
                    let added = self.opened.watch.add(&mut socket, number as usize);
                    added.map_err(|error| no_watch(&error))?;
                    self.under_way.push(UnderWay { number, socket, since: now });
                }
                Err(error) => self.failed(&error),
            }
        }
        Ok(())
    }

    /// An event came for connection `number`: it stands, or it failed.
    fn settle(&mut self, number: usize, now: u64) {
        let Some(place) = self.under_way.iter().position(|it| it.number as usize == number) else {
            // One that stands already: whatever came on it, the run looks at first.
            return;
        };
        let UnderWay { number, socket, .. } = self.under_way.swap_remove(place);
        // Without a peer the event was an early one, and the error, if any, is in the socket.
        match socket.take_error().and_then(|error| error.map_or(Ok(()), Err)) {
            Ok(()) if socket.peer_addr().is_ok() => {
                self.opened.counts.opened += 1;
                if let Some(slot) = self.opened.connections.get_mut(number as usize) {
                    *slot = Some(Connection::new(socket, number, now));
                }
            }
            Ok(()) => self.failed(&ErrorKind::ConnectionRefused.into()),
            Err(error) => self.failed(&error),
        }
    }

    /// Those that take longer than the time-out are not waited for.
    fn give_up(&mut self, now: u64) {
        let limit = now.saturating_sub(self.plan.timeout.as_nanos() as u64);
        let before = self.under_way.len();
        self.under_way.retain(|it| it.since > limit);
        self.opened.counts.unanswered += (before - self.under_way.len()) as u64;
    }

    fn failed(&mut self, error: &io::Error) {
        let counts = &mut self.opened.counts;
        match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => counts.refused += 1,
            ErrorKind::TimedOut => counts.unanswered += 1,
            _ => {
                counts.not_opened += 1;
                counts.first_failure.get_or_insert_with(|| troubles::describe(error));
            }
        }
    }
}

/// Begins to connect; whether it succeeds is told by the socket becoming writable.
fn connect(target: SocketAddr) -> io::Result<Stream> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // A message is complete when it is sent: waiting for more of it would be measured as the server's slowness.
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&target.into()) {
        Ok(()) => {}
        Err(error) if troubles::is_under_way(&error) => {}
        Err(error) => return Err(error),
    }
    Ok(watch::stream(socket))
}

fn no_watch(error: &io::Error) -> Failure {
    Failure::failed(format!("could not watch the connections: {}", troubles::describe(error)))
}
