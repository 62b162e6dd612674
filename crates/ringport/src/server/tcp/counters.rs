//! What a TCP server counts.

use crate::server::board::Count;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Peer,
    Handler,
    Failed,
    Malformed,
    Idle,
    MessageDeadline,
    CloseDeadline,
    Stop,
}

/// The figures of one thread, which alone writes them.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Notes {
    pub(super) messages: Count,
    pub(super) received: Count,
    pub(super) sent: Count,
    pub(super) paused: Count,
    pub(super) accepted: Count,
    pub(super) refused_full: Count,
    pub(super) refused_memory: Count,
    pub(super) accept_failed: Count,
    pub(super) batches: Count,
    ended: [Count; 8],
}

impl Notes {
    /// A connection ended.
    pub(super) fn ended(&self, ending: Ending) {
        if let Some(count) = self.ended.get(ending as usize) {
            count.add(1);
        }
    }

    /// Adds these figures to a sum.
    pub(super) fn add_to(&self, sum: &mut TcpCounters) {
        let ended = |ending: Ending| self.ended.get(ending as usize).map_or(0, Count::get);
        sum.messages += self.messages.get();
        sum.received += self.received.get();
        sum.sent += self.sent.get();
        sum.paused += self.paused.get();
        sum.accepted += self.accepted.get();
        sum.refused_full += self.refused_full.get();
        sum.refused_memory += self.refused_memory.get();
        sum.accept_failed += self.accept_failed.get();
        sum.batches += self.batches.get();
        sum.ended_by_peer += ended(Ending::Peer);
        sum.ended_by_handler += ended(Ending::Handler);
        sum.failed += ended(Ending::Failed);
        sum.malformed += ended(Ending::Malformed);
        sum.idle += ended(Ending::Idle);
        sum.message_deadline += ended(Ending::MessageDeadline);
        sum.close_deadline += ended(Ending::CloseDeadline);
        sum.ended_by_stop += ended(Ending::Stop);
    }
}

/// The figures of a TCP server, added up over its threads.
///
/// ```
/// use ringport::TcpServer;
///
/// let server = TcpServer::bind("127.0.0.1:0")?.start(|message| _ = message.echo())?;
/// assert_eq!(server.handle().counters().accepted, 0);
/// server.stop()?;
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpCounters {
    /// Messages that handlers have seen.
    pub messages: u64,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Times that messages had to wait, and nothing was received, until replies before them had left.
    pub paused: u64,
    /// Connections that were taken.
    pub accepted: u64,
    /// Connections that were refused because as many as may be were there.
    pub refused_full: u64,
    /// Connections that were refused because their reserve of slices could not be had.
    pub refused_memory: u64,
    /// Accepts that failed, for want of descriptors as a rule. The connection stays in the system's queue, and is tried
    /// again after 100 ms or when another one ends.
    pub accept_failed: u64,
    /// Batches of completions that threads took.
    pub batches: u64,
    /// Connections that are there now.
    pub open: u64,
    /// The most that were there at a time.
    pub most_open: u64,
    /// Connections whose peer ended them, in order.
    pub ended_by_peer: u64,
    /// Connections that a handler ended.
    pub ended_by_handler: u64,
    /// Connections that were reset by their peer, or failed otherwise.
    pub failed: u64,
    /// Connections that sent what is no message.
    pub malformed: u64,
    /// Connections on which nothing happened for too long.
    pub idle: u64,
    /// Connections whose message took too long.
    pub message_deadline: u64,
    /// Connections whose peer did not read to the end in time.
    pub close_deadline: u64,
    /// Connections that the stop of the server ended.
    pub ended_by_stop: u64,
    /// Slices of the server's memory, those it may still grow by not included.
    pub slices: u64,
    /// Slices reserved by connections.
    pub slices_reserved: u64,
    /// Slices in use.
    pub slices_used: u64,
    /// The lowest number of slices ever free, of all threads' memory together.
    pub slices_lowest_free: u64,
    /// Times that a slice was wanted and none was free: what wanted it waits, or is refused.
    pub slices_exhausted: u64,
    /// Bytes of its memory that are locked.
    pub locked_bytes: u64,
    /// Bytes of its memory.
    pub registered_bytes: u64,
}
