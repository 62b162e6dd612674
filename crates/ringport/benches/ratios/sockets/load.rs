//! How many sockets there are, on how many queues, and which of them are busy.

use super::{FILL, SLICES};

/// One arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) sockets: usize,
    pub(super) queues: usize,
    /// Only the first of them gets anything.
    pub(super) one_busy: bool,
}

/// The arrangements, in the order of the table; the others are compared with the first.
pub(super) const LOADS: [Load; 9] = [
    Load::all_busy(1, 1),
    Load::all_busy(8, 1),
    Load::all_busy(64, 1),
    Load::all_busy(1000, 1),
    Load::one_busy(8),
    Load::one_busy(64),
    Load::one_busy(1000),
    Load::all_busy(1000, 4),
    Load::all_busy(64, 64),
];

impl Load {
    pub(super) const fn all_busy(sockets: usize, queues: usize) -> Load {
        Load { sockets, queues, one_busy: false }
    }

    const fn one_busy(sockets: usize) -> Load {
        Load { sockets, queues: 1, one_busy: true }
    }

    /// Sockets that get something.
    pub(super) fn busy(&self) -> usize {
        if self.one_busy { 1 } else { self.sockets }
    }

    /// Datagrams of one fill: as many for each of those.
    pub(super) fn fill(&self) -> usize {
        FILL / self.busy() * self.busy()
    }

    /// Receives posted on a socket: as many as a fill brings it, or the least that a server would have. All
    /// arrangements have about as many in all, so that none is kept in the processor's caches and another is not.
    pub(super) fn pending(&self, socket: usize) -> usize {
        let busy = !self.one_busy || socket == 0;
        if busy { (SLICES / self.busy()).max(2) } else { 2 }
    }

    /// Slices of all of them.
    pub(super) fn slices(&self) -> usize {
        (0..self.sockets).map(|socket| self.pending(socket)).sum()
    }

    /// Its name in the table.
    pub(super) fn name(&self) -> String {
        let Load { sockets, queues, one_busy } = *self;
        match (sockets, queues, one_busy) {
            (1, ..) => "1 socket".to_owned(),
            (_, _, true) => format!("{sockets} sockets, one busy"),
            (_, 1, _) => format!("{sockets} sockets, all busy"),
            _ => format!("{sockets} sockets over {queues} queues, all busy"),
        }
    }
}
