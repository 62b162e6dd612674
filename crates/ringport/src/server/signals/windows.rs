//! What the console tells of, only where it was asked for.
//!
//! Windows calls the handler on a thread of its own making, so none waits for it here:
//!
//! ```text
//!   Ctrl-C, Ctrl-Break       told ──► every server stops in order       a second one: what it does without
//!   close, logoff, shutdown  told ──► every server stops in order ──► the thread stays
//! ```
//!
//! After one of the second row Windows ends the process as soon as the handler returns, and in any case a few seconds
//! later. So the handler does not return, and the program has that time to end by itself.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Stoppable;
use crate::backend::sys::console::{self, Event};
use crate::server::stop::StopReason;

/// Watches the console as long as it lives. The first event stops the server in order; a second one does what it
/// would do without a server, so nobody is ever stuck behind an orderly end that takes long.
pub(in crate::server) struct Watch(u64);

impl Watch {
    pub(in crate::server) fn begin(server: Arc<impl Stoppable>) -> io::Result<Watch> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        console::listen(told)?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        watched().push((number, server));
        Ok(Watch(number))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        watched().retain(|(number, _)| *number != self.0);
    }
}

/// The servers that watch. While there is none, whoever else was told, or the system, does what it does.
static WATCHED: Mutex<Vec<(u64, Arc<dyn Stoppable>)>> = Mutex::new(Vec::new());

fn watched() -> MutexGuard<'static, Vec<(u64, Arc<dyn Stoppable>)>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the handler does; whether the event is dealt with, so that nobody else is asked.
fn told(event: Event) -> bool {
    let dealt_with = stop_all(event);
    if dealt_with && event.ends_the_process() {
        loop {
            std::thread::park();
        }
    }
    dealt_with
}

/// Stops those that watch, unless there are none, or one of them is stopping already.
fn stop_all(event: Event) -> bool {
    let watched = watched();
    if watched.is_empty() || watched.iter().any(|(_, server)| server.is_stopping()) {
        return false;
    }
    watched.iter().for_each(|(_, server)| server.stop(StopReason::Signal(event.number())));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::OnceLock;

    #[derive(Default)]
    struct Server(OnceLock<StopReason>);

    impl Stoppable for Server {
        fn is_stopping(&self) -> bool {
            self.0.get().is_some()
        }

        fn stop(&self, reason: StopReason) {
            let _ = self.0.set(reason);
        }
    }

    #[test]
    fn the_first_event_stops_every_server_and_the_second_is_left_alone() {
        let event = |number| Event::new(number).unwrap();
        assert!(!stop_all(event(0)), "nobody watches yet");
        let servers = [Arc::new(Server::default()), Arc::new(Server::default())];
        let watches = servers.clone().map(|server| Watch::begin(server).unwrap());
        assert!(stop_all(event(1)));
        assert!(servers.iter().all(|server| server.0.get() == Some(&StopReason::Signal(1))));
        assert!(!stop_all(event(0)));
        drop(watches);
        let another = Arc::new(Server::default());
        let _watch = Watch::begin(Arc::clone(&another)).unwrap();
        assert!(stop_all(event(6)));
        assert_eq!(another.0.get(), Some(&StopReason::Signal(6)));
    }
}
