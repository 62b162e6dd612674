//! What a port needs of whatever sleeps in the kernel for it.

use std::io;
use std::time::Duration;

use crate::port::packet::Packet;

/// Completions that are found by looking: threads that wait on the port do it in turn, each for all.
pub(crate) trait Poller: Send + Sync {
    /// Sleeps until something completed, a poke, or the end of the time, and puts what completed into `made`: up to
    /// `most` packets.
    fn poll(&self, time: Option<Duration>, most: usize, made: &mut Vec<Packet>) -> io::Result<()>;

    /// Ends the sleep of at least one thread in [`poll`](Poller::poll), or the next sleep that begins.
    fn poke(&self);
}
