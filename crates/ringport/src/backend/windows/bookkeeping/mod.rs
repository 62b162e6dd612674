//! The bookkeeping of both backends of Windows: which requests the kernel has, and what becomes of them.
//!
//! ```text
//!   publish, flush ──► begin ──► in the kernel ──► ended ──► its requests complete, in post order
//!                        └─── done at once ─────────▲
//! ```
//!
//! A proactor: the kernel has the memory of what is posted, and fills or empties it by itself. Requests stay in their
//! sides meanwhile; a [`lane`] says how many of the first of them are in the kernel. What carries the operations is a
//! [`Carrier`], which knows nothing of requests.
//!
//! | socket | in the kernel |
//! | --- | --- |
//! | datagrams in | one operation for each receive posted, up to a number |
//! | datagrams out | one for each message, which may be of several sends |
//! | connection in | one, for the receives posted first; or one that waits for bytes, where these take slices of a pool |
//! | connection out | one, for the sends posted first |
//! | listener | one for each accept posted, up to a number |

mod accepts;
mod contract;
mod datagrams_in;
mod datagrams_out;
mod destination;
mod ending;
mod lane;
mod lingering;
mod moving;
mod parts;
mod socket;
mod stream_in;
mod stream_out;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use self::parts::Parts;
use self::socket::{Socket, ticket};
use super::carrier::{Begun, Carrier, End, Look, Way, Work};
use crate::backend::Turns;
use crate::backend::contract::{Attachment, Completion, Table};
use crate::backend::run::Run;
use crate::net::SocketHandle;

/// Completions after which the kernel is asked, however much is known to be there: one socket that always has something
/// must not keep the others from being heard.
const AROUND: usize = 64;
/// What one socket may have done at once before others have their turn, and what is taken without asking the kernel.
const TURN: usize = 32;
/// How often a connection that somebody else makes is looked at, and a socket whose receives fail. Nothing tells of that.
const UNMADE: Duration = Duration::from_millis(5);

/// One backend over one carrier.
#[derive(Debug)]
pub(super) struct Windows<C> {
    carrier: C,
    /// By key of the attachment.
    sockets: Vec<Option<Socket>>,
    /// What has ended, in this order, and was not looked at yet.
    ended: VecDeque<End>,
    /// Completions beyond what was asked for.
    spilled: VecDeque<Completion>,
    /// Connections that have something to do without anything having ended.
    turns: Turns,
    /// Connections that have bytes, and whose pool has no slice for them.
    dry: Vec<u32>,
    /// Connections with receives only, which somebody else makes, sockets that are not bound, and such whose receives all
    /// fail; when they were tried.
    unmade: Vec<u32>,
    tried: Option<Instant>,
    /// Arguments of the next call.
    parts: Parts,
    control: crate::net::ControlBuffer,
    /// Completions since the kernel was asked.
    brought: usize,
    /// Sockets that have lingered, and of which the kernel has nothing any more.
    settled: Vec<u32>,
    fault: Option<i32>,
}

impl<C: Carrier> Windows<C> {
    /// Puts a carrier to work.
    pub(super) fn new(carrier: C) -> Windows<C> {
        Windows {
            carrier,
            sockets: Vec::new(),
            ended: VecDeque::new(),
            spilled: VecDeque::new(),
            turns: Turns::default(),
            dry: Vec::new(),
            unmade: Vec::new(),
            tried: None,
            parts: Parts::default(),
            control: crate::net::ControlBuffer::new(),
            brought: 0,
            settled: Vec::new(),
            fault: None,
        }
    }

    #[inline]
    fn socket_mut(&mut self, key: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(key as usize)?.as_mut()
    }

    /// Has the kernel learn of what was posted.
    fn publish_any(&mut self, key: u32, attachment: &mut Attachment) {
        match attachment.socket {
            SocketHandle::Datagram(_) => self.publish_datagrams(key, attachment),
            SocketHandle::Stream(_) => self.publish_stream(key, attachment),
            SocketHandle::Listener(_) => self.publish_accepts(key, attachment),
        }
    }

    /// Does what sends are due.
    fn flush_any(&mut self, key: u32, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        match attachment.socket {
            SocketHandle::Datagram(_) => self.flush_datagrams(key, attachment, out),
            _ => self.flush_stream(key, attachment, out),
        }
    }

    /// Asks the carrier; a failure is for good.
    fn look(&mut self, look: Look) -> std::io::Result<()> {
        if look != Look::Memory {
            self.brought = 0;
        }
        self.carrier.take(&mut self.ended, look).inspect_err(|error| {
            self.fault = Some(error.raw_os_error().unwrap_or(crate::backend::sys::errno::EIO));
        })
    }

    /// Turns what has ended into completions, until `out` holds `limit` or there is none.
    fn drain(&mut self, table: &mut Table, out: &mut Vec<Completion>, limit: usize) {
        let spilled = self.spilled.len().min(limit.saturating_sub(out.len()));
        out.extend(self.spilled.drain(..spilled));
        let before = out.len();
        // What begins meanwhile may end at once, and bring nothing again and again: then others are heard first.
        let mut patience = self.ended.len() + self.turns.len() + AROUND;
        while out.len() < limit && patience > 0 {
            patience -= 1;
            if let Some(End { ticket, outcome }) = self.ended.pop_front() {
                let Some(attachment) = table.get_mut(ticket.key) else { continue };
                let Some(socket) = self.socket_mut(ticket.key) else { continue };
                socket.lane_mut(ticket.way).note(ticket.place, outcome);
                if socket.lingers {
                    self.arrived_late(ticket.key, attachment, out);
                    continue;
                }
                self.arrived(ticket.key, ticket.way, attachment, out);
            } else if let Some(key) = self.turns.next() {
                let Some(attachment) = table.get_mut(key) else { continue };
                self.turn(key, attachment, out, limit);
            } else {
                break;
            }
        }
        self.brought += out.len().saturating_sub(before);
        if out.len() > limit {
            self.spilled.extend(out.drain(limit..));
        }
    }

    /// Something of this way has ended.
    #[inline]
    fn arrived(&mut self, key: u32, way: Way, attachment: &mut Attachment, out: &mut Vec<Completion>) {
        match (way, &attachment.socket) {
            (Way::In, SocketHandle::Datagram(_)) => self.arrived_datagrams(key, attachment, out),
            (Way::In, SocketHandle::Stream(_)) => self.arrived_bytes(key, attachment, out),
            (Way::In, SocketHandle::Listener(_)) => self.arrived_connections(key, attachment, out),
            (Way::Out, SocketHandle::Datagram(_)) => self.flush_datagrams(key, attachment, out),
            (Way::Out, _) => self.departed_bytes(key, attachment, out),
        }
    }

    /// Looks at connections that somebody else makes, now and then.
    fn try_unmade(&mut self, table: &mut Table) {
        if self.unmade.is_empty() || self.tried.is_some_and(|tried| tried.elapsed() < UNMADE) {
            return;
        }
        self.tried = Some(Instant::now());
        for _ in 0..self.unmade.len() {
            // Those that are still not made are listed again.
            let key = self.unmade.remove(0);
            let Some(attachment) = table.get_mut(key) else { continue };
            if let Some(socket) = self.socket_mut(key) {
                socket.unconnected = false;
            }
            self.publish_any(key, attachment);
        }
    }
}

/// Begins an operation whose place was taken. What is done at once is noted as ended, and `true` says so.
///
/// # Safety
/// As [`Carrier::begin`].
#[inline]
unsafe fn begin<C: Carrier>(
    carrier: &mut C,
    ended: &mut VecDeque<End>,
    ticket: super::carrier::Ticket,
    work: Work<'_>,
) -> bool {
    // SAFETY: the caller's word.
    match unsafe { carrier.begin(ticket, work) } {
        Begun::Pending => false,
        Begun::Done(outcome) => {
            ended.push_back(End { ticket, outcome });
            true
        }
    }
}
