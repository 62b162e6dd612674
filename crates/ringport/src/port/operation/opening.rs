//! Opening a port's engine with its first handle, and closing it with the port.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::super::core::PortCore;
use super::super::error::PortError;
use super::super::packet::Packet;
use super::super::poller::Poller;
use crate::backend::BackendChoice;
use crate::backend::plain::{Done, Engine, Outlet};

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
        let outlet = Arc::new(Results(Arc::downgrade(self)));
        let engine = Arc::new(Engine::open(self.operations.choice, self.operations.file_threads, outlet)?);
        if engine.is_polled() {
            self.begin_polling(Arc::new(Polling(Arc::clone(&engine))));
        }
        state.engine = Some(Arc::clone(&engine));
        Ok(engine)
    }
}

/// Where the engine's own threads put what is done. Weak: they do not keep the port.
struct Results(Weak<PortCore>);

impl Outlet for Results {
    fn deliver(&self, done: Done) {
        if let Some(core) = self.0.upgrade() {
            // A closed port drops it.
            let _ = core.deliver(Packet::Operation(done));
        }
    }
}

/// Lets the threads that wait on the port look for what is done.
struct Polling(Arc<Engine>);

impl Poller for Polling {
    fn poll(&self, time: Option<Duration>, most: usize, made: &mut Vec<Packet>) -> io::Result<()> {
        self.0.poll(time, most, &mut |done| made.push(Packet::Operation(done)))
    }

    fn poke(&self) {
        self.0.poke();
    }
}
