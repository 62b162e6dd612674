//! What was done, told at the end.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::status::Status;

/// Figures that any thread adds to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    connections: AtomicU64,
    files: AtomicU64,
    refusals: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    /// A connection came.
    pub(crate) fn came(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// An answer was given.
    pub(crate) fn answered(&self, status: Status) {
        let counter = if status.code() < 400 { &self.files } else { &self.refusals };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// So many bytes of a file were sent.
    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        write!(
            formatter,
            "{} connections, {} requests answered and {} refused, {} bytes of files",
            read(&self.connections),
            read(&self.files),
            read(&self.refusals),
            read(&self.bytes)
        )
    }
}
