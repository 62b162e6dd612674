//! What all threads and all connections share.

use std::sync::atomic::{AtomicBool, Ordering};

use ringport::{CompletionPort, PortQueue};

use crate::counters::Counters;
use crate::door::Door;
use crate::files::Files;
use crate::limits::{Memory, Times};
use crate::population::Population;
use crate::table::{Table, slot_of};

/// See the module.
///
/// The queues come first: when it is dropped, they hand back what is outstanding before the port is gone.
#[derive(Debug)]
pub(crate) struct House {
    /// As many as threads run at once: the connections are spread over them.
    pub(crate) queues: Vec<PortQueue>,
    pub(crate) door: Door,
    pub(crate) table: Table,
    pub(crate) port: CompletionPort,
    pub(crate) memory: Memory,
    pub(crate) files: Files,
    pub(crate) times: Times,
    pub(crate) counters: Counters,
    pub(crate) population: Population,
    pub(crate) draining: AtomicBool,
}

impl House {
    /// The queue of a connection, always the same, so that what happens to it stays in order.
    pub(crate) fn queue_of(&self, id: u64) -> &PortQueue {
        let place = slot_of(id) as usize % self.queues.len().max(1);
        // There is one at least.
        &self.queues[place]
    }

    /// Whether no new requests are taken.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
