//! A queue with a thread of its own, the pump's.

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle, ThreadId};

use super::{Drive, Plan};
use crate::backend::BackendError;
use crate::backend::contract::Contract;
use crate::queue::builder::CompletionQueueBuilder;
use crate::queue::error::QueueError;
use crate::queue::on_port::shared::Shared;
use crate::queue::signals::WOKEN;

/// What a queue remembers of it.
pub(in super::super) struct Thread(ThreadId);

/// The thread, for whoever ends it; none for a queue that works in turns.
pub(in super::super) struct Running(pub(super) Option<JoinHandle<()>>);

impl Running {
    /// Starts a pump, which makes its queue: the backend belongs to the thread that opens it.
    pub(super) fn start(
        plan: Plan,
        open: impl FnOnce(&CompletionQueueBuilder) -> Result<Box<dyn Contract>, BackendError> + Send + 'static,
        drive: impl FnOnce(Thread) -> Drive + Send + 'static,
    ) -> Result<(Arc<Shared>, Running), QueueError> {
        let (tell, told) = mpsc::sync_channel(1);
        let work = move || {
            let made = open(&plan.options)
                .map_err(QueueError::from)
                .and_then(|backend| plan.make(backend, drive(Thread(thread::current().id()))));
            match made {
                Err(error) => drop(tell.send(Err(error))),
                Ok((shared, pump)) => {
                    if tell.send(Ok(shared)).is_ok() {
                        pump.run();
                    }
                }
            }
        };
        let system =
            |source| QueueError::System { what: "starting the thread of a completion queue", source };
        let pump = thread::Builder::new().name("ringport-pump".to_owned()).spawn(work).map_err(system)?;
        match told.recv().unwrap_or(Err(QueueError::Closed)) {
            Ok(shared) => Ok((shared, Running(Some(pump)))),
            Err(error) => {
                // It ends at once.
                let _ = pump.join();
                Err(error)
            }
        }
    }

    /// Waits for a pump that was told to end.
    pub(in super::super) fn end(&mut self, shared: &Shared) {
        shared.drive.end();
        if let Some(pump) = self.0.take() {
            // It runs nobody else's code, so it does not panic; if it did, nothing is left to be done about it.
            let _ = pump.join();
        }
    }
}

impl Thread {
    pub(super) fn wake(&self, shared: &Shared) {
        shared.signals.raise(WOKEN);
    }

    pub(super) fn is_here(&self) -> bool {
        thread::current().id() == self.0
    }

    /// The pump brings what there is by itself, ..
    #[inline]
    pub(super) fn bring(&self, _shared: &Shared) -> bool {
        false
    }

    /// .. sees that nobody has the right when it has something, ..
    #[inline]
    pub(super) fn note_armed(&self, _shared: &Shared) {}

    /// .. and has put what has completed where it is counted.
    #[inline]
    pub(super) fn survey(&self, _shared: &Shared) {}

    /// It is waited for by whoever has the thread.
    pub(super) fn end(&self) {}
}
