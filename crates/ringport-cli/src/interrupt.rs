//! Ctrl-C and an orderly end: a flag that the working loops look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;
use crate::sys::signals;

/// Set once somebody wants the run to end. Cheap to look at, shared by everybody who ends or asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for Ctrl-C and its likes: SIGINT and SIGTERM, or what a Windows console tells of. The first asks for an
    /// orderly end, the second ends the process at once, so that a user is never stuck behind an orderly end that
    /// takes too long.
    pub(crate) fn on_signals() -> Result<Self, Failure> {
        let interrupt = Interrupt::default();
        signals::watch(&interrupt.0)
            .map_err(|error| Failure::failed(format!("could not watch for Ctrl-C: {error}")))?;
        Ok(interrupt)
    }

    /// Asks for the end.
    pub(crate) fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Has somebody asked for the end?
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
