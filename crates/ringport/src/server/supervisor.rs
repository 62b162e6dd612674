//! The thread that runs a server in the background, and keeps its report.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use super::error::ServerError;

/// See the module.
#[derive(Debug)]
pub(super) struct Supervisor<R>(Option<JoinHandle<Result<R, ServerError>>>);

impl<R: Send + 'static> Supervisor<R> {
    /// Runs a server on a thread of its own, and returns when all of its threads are ready, which `run` says by what it
    /// is given.
    pub(super) fn start(
        run: impl FnOnce(Ready) -> Result<R, ServerError> + Send + 'static,
    ) -> Result<Supervisor<R>, ServerError> {
        let (tell, told) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("ringport-server".to_owned())
            .spawn(move || run(Ready(tell)))
            .map_err(|source| ServerError::System { what: "starting a server thread", source })?;
        let mut supervisor = Supervisor(Some(thread));
        if told.recv().is_err() {
            // It ended before it was ready: for a failure as a rule, which its end tells.
            supervisor.wait()?;
        }
        Ok(supervisor)
    }

    /// Waits for the server's end, once.
    pub(super) fn wait(&mut self) -> Result<R, ServerError> {
        match self.0.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(_)) | None => Err(ServerError::Ended),
        }
    }

    /// Whether nobody has waited for its end yet.
    pub(super) fn is_running(&self) -> bool {
        self.0.is_some()
    }
}

/// Says that a server is ready. Dropped without that, it says that the server has ended.
pub(super) struct Ready(Sender<()>);

impl Ready {
    pub(super) fn tell(self) {
        // Nobody listens only when `start` itself was ended by a panic.
        let _ = self.0.send(());
    }
}
