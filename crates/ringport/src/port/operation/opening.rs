//! Opening a port's engine with its first handle, and closing it with the port.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::error::PortError;
use super::super::system::PortCore;
use crate::backend::BackendChoice;
use crate::backend::plain::Engine;

/// The engine of a port, or what it will be opened with.
pub(in crate::port) struct Operations {
    choice: BackendChoice,
    file_threads: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    engine: Option<Arc<Engine>>,
    closed: bool,
}

impl Operations {
    pub(in crate::port) fn new(choice: BackendChoice, file_threads: usize) -> Operations {
        Operations { choice, file_threads, state: Mutex::default() }
    }

    /// Ends all operations; the engine stays, closed, for handles that are still there.
    pub(in crate::port) fn close(&self) {
        let engine = {
            let mut state = self.state();
            state.closed = true;
            state.engine.clone()
        };
        if let Some(engine) = engine {
            // A closed port delivers nothing: what they own is free with this.
            engine.close(&mut drop);
        }
    }

    /// Packets of operations of a closed port that were not taken yet.
    #[cfg(windows)]
    pub(in crate::port) fn left(&self) -> usize {
        self.state().engine.as_ref().map_or(0, |engine| engine.left())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PortCore {
    /// The engine, opened now if this is the first handle.
    pub(super) fn engine(self: &Arc<PortCore>) -> Result<Arc<Engine>, PortError> {
        let mut state = self.operations.state();
        if state.closed {
            return Err(PortError::Closed);
        }
        if let Some(engine) = state.engine.as_ref() {
            return Ok(Arc::clone(engine));
        }
        let engine = self.open_engine(self.operations.choice, self.operations.file_threads)?;
        state.engine = Some(Arc::clone(&engine));
        Ok(engine)
    }
}
