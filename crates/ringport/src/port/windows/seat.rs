//! What a thread of a port is doing, for the figures. The system decides who runs, and does not ask here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Standing {
    /// Not in a wait, and not back from one with something to do.
    Outside = 0,
    /// In a wait.
    Waiting = 1,
    /// It took packets, or its time was over.
    Running = 2,
    /// In a blocking scope.
    Blocked = 3,
}

/// A thread's place at a port. Only the thread changes it.
#[derive(Debug)]
pub(crate) struct Seat {
    /// The system's number of the thread.
    pub(super) number: u32,
    standing: AtomicU8,
}

impl Seat {
    /// A place for the calling thread, whose number this is.
    pub(crate) fn new(number: u32) -> Arc<Seat> {
        Arc::new(Seat { number, standing: AtomicU8::new(Standing::Outside as u8) })
    }

    pub(super) fn standing(&self) -> Standing {
        match self.standing.load(Ordering::SeqCst) {
            1 => Standing::Waiting,
            2 => Standing::Running,
            3 => Standing::Blocked,
            _ => Standing::Outside,
        }
    }

    pub(super) fn set_standing(&self, standing: Standing) {
        // Whoever closes the port counts those that wait, after it has closed it; they look after they say so.
        self.standing.store(standing as u8, Ordering::SeqCst);
    }
}
