//! What other threads ask the pump to do: rare things, each answered.

use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pump::Pump;

type Command = Box<dyn FnOnce(&mut Pump) + Send>;

/// The commands that wait for the pump; `None` once it has ended.
pub(super) struct Commands(Mutex<Option<Vec<Command>>>);

impl Commands {
    pub(super) fn new() -> Commands {
        Commands(Mutex::new(Some(Vec::new())))
    }

    /// Queues a command; its answer comes by the receiver, which is cut off when the pump ends first.
    pub(super) fn push<R: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Pump) -> R + Send + 'static,
    ) -> mpsc::Receiver<R> {
        let (tell, told) = mpsc::sync_channel(1);
        let command = move |pump: &mut Pump| {
            // Nobody may be left to hear it.
            let _ = tell.send(run(pump));
        };
        if let Some(commands) = self.lock().as_mut() {
            commands.push(Box::new(command));
        }
        told
    }

    /// Takes all that wait.
    pub(super) fn take(&self) -> Vec<Command> {
        self.lock().as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The pump ends: what waits, and whatever comes, is never answered.
    pub(super) fn close(&self) {
        let waiting = self.lock().take();
        drop(waiting);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Command>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
