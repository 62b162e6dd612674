//! From a name to a connection: addresses in turn, and pauses between rounds.
//!
//! ```text
//!   pause, if one is due ─► names ─► address 1 ─► address 2 ─► ... ─► all failed: the next pause is longer ─┐
//!         ▲                            each gets its share of the time that is left                         │
//!         └────────────────────────────── time left, and rounds? ◄──────────────────────────────────────────┘
//! ```

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use super::error::ClientError;
use super::line::Line;
use super::link::Link;
use crate::backend::sys::errno;
use crate::net::{CONNECT, Domain, SocketError, StreamSocket, refused};
use crate::queue::{RequestQueue, Status};
use crate::server::tcp::Backoff;

/// Asks for the addresses of the peer, each time anew.
pub(super) type Resolve = Box<dyn Fn() -> Result<Vec<SocketAddr>, SocketError> + Send>;

/// Where to connect to, and when to try again.
pub(super) struct Target {
    pub(super) resolve: Resolve,
    /// What the user wrote.
    pub(super) text: String,
    pub(super) timeout: Duration,
    pub(super) rounds: Option<u32>,
    pub(super) no_delay: bool,
    pub(super) backoff: Backoff,
    /// The pause after the last failure ends then.
    pub(super) not_before: Option<Instant>,
    /// The context of the next connection.
    pub(super) context: u64,
}

/// Attempts so far, to tell of them.
#[derive(Default)]
struct Attempts {
    count: u32,
    peer: Option<SocketAddr>,
    last: Option<SocketError>,
}

impl Target {
    /// Something failed: the next round waits.
    pub(super) fn failed(&mut self) {
        self.not_before = Some(later(Instant::now(), self.backoff.next_pause()));
    }

    /// Connects, not after `until`.
    pub(super) fn connect<F: Clone>(
        &mut self,
        line: &mut Line,
        framing: &F,
        until: Instant,
    ) -> Result<Link<F>, ClientError> {
        let begun = Instant::now();
        let until = until.min(later(begun, self.timeout));
        let mut attempts = Attempts::default();
        let mut rounds = 0;
        loop {
            let now = Instant::now();
            let at = self.not_before.map_or(now, |at| at.max(now));
            if rounds == 0 && at >= until {
                // The whole time is waited, so that asking again and again does not spin.
                thread::sleep(until.saturating_duration_since(now));
            }
            if at >= until || self.rounds.is_some_and(|most| rounds >= most) {
                return Err(self.unreachable(attempts, begun));
            }
            thread::sleep(at - now);
            rounds += 1;
            if let Some(link) = self.round(line, framing, until, &mut attempts)? {
                line.counters.connections += 1;
                return Ok(link);
            }
            self.failed();
        }
    }

    /// Tries each address once.
    fn round<F: Clone>(
        &mut self,
        line: &mut Line,
        framing: &F,
        until: Instant,
        attempts: &mut Attempts,
    ) -> Result<Option<Link<F>>, ClientError> {
        let addresses = match (self.resolve)() {
            Ok(addresses) => addresses,
            Err(error) => {
                attempts.last = Some(error);
                return Ok(None);
            }
        };
        for (index, address) in addresses.iter().enumerate() {
            let left = until.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            attempts.count += 1;
            line.counters.attempts += 1;
            match self.attempt(line, framing, *address, later(Instant::now(), share))? {
                Ok(link) => return Ok(Some(link)),
                Err(error) => (attempts.peer, attempts.last) = (Some(*address), Some(error)),
            }
        }
        Ok(None)
    }

    /// Tries one address.
    fn attempt<F: Clone>(
        &mut self,
        line: &mut Line,
        framing: &F,
        address: SocketAddr,
        until: Instant,
    ) -> Result<Result<Link<F>, SocketError>, ClientError> {
        let domain = if address.is_ipv4() { Domain::V4 } else { Domain::V6 };
        let socket = match StreamSocket::new(domain) {
            Ok(socket) => socket,
            Err(error) => return Ok(Err(error)),
        };
        if self.no_delay {
            let _ = socket.set_no_delay(true);
        }
        self.context = self.context.wrapping_add(1);
        let limits = line.memory.limits();
        let requests = RequestQueue::new(&socket, &line.queue, &line.queue, limits, self.context);
        let requests = requests.map_err(ClientError::Queue)?;
        requests.connect(address, 0).map_err(ClientError::Post)?;
        let mut link = Link::new(requests, address, self.context, framing.clone(), &line.memory);
        let error = loop {
            match link.connected {
                Some(Status::Success) => {
                    link.receive(&line.memory, false);
                    return Ok(Ok(link));
                }
                Some(Status::Failed(error)) => break error,
                Some(_) => break errno::ECANCELED,
                None => {}
            }
            if !line.wait(&mut link, until)? && link.connected.is_none() {
                break errno::ETIMEDOUT;
            }
        };
        drop(link);
        line.clear();
        Ok(Err(refused(CONNECT, address, io::Error::from_raw_os_error(error))))
    }

    fn unreachable(&self, attempts: Attempts, begun: Instant) -> ClientError {
        let Attempts { count, peer, last } = attempts;
        let address = self.text.clone();
        ClientError::Connect {
            address,
            peer,
            attempts: count,
            time: begun.elapsed(),
            last: last.map(Box::new),
        }
    }
}

/// So much later, or as late as a moment can be that is never reached.
pub(super) fn later(moment: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    moment.checked_add(time.min(CENTURY)).unwrap_or(moment)
}
