//! The engine of a port's operations, and the ways by which its results come back.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::core::PortCore;
use super::poller::Poller;
use crate::backend::plain::{Done, Engine, Outlet};
use crate::backend::{BackendChoice, BackendError};
use crate::port::packet::Packet;

impl PortCore {
    /// Opens the engine, which from now on completes on this port.
    pub(in crate::port) fn open_engine(
        self: &Arc<PortCore>,
        choice: BackendChoice,
        file_threads: usize,
    ) -> Result<Arc<Engine>, BackendError> {
        let outlet = Arc::new(Results(Arc::downgrade(self)));
        let engine = Arc::new(Engine::open(choice, file_threads, outlet)?);
        if engine.is_polled() {
            self.begin_polling(Arc::new(Polling(Arc::clone(&engine))));
        }
        Ok(engine)
    }
}

/// Where the engine's own threads put what is done. Weak: they do not keep the port.
struct Results(Weak<PortCore>);

impl Outlet for Results {
    fn deliver(&self, done: Done) {
        if let Some(core) = self.0.upgrade() {
            core.deliver_operation(done);
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
