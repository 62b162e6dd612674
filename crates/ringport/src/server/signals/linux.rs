//! A thread that waits for signals, only where it was asked for.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::{flag, low_level};

use super::Stoppable;
use crate::server::stop::StopReason;

const WATCHED: [i32; 2] = [SIGINT, SIGTERM];

/// Watches for signals as long as it lives. The first stops the server in order; a second one does what it
/// would do without a server, so nobody is ever stuck behind an orderly end that takes long.
pub(in crate::server) struct Watch {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(in crate::server) fn begin(server: Arc<impl Stoppable>) -> io::Result<Watch> {
        enter()?;
        let watch = Watch::begin_entered(server);
        if watch.is_err() {
            leave();
        }
        watch
    }

    fn begin_entered(server: Arc<impl Stoppable>) -> io::Result<Watch> {
        let mut signals = Signals::new(WATCHED)?;
        let handle = signals.handle();
        let wait = move || {
            for signal in signals.forever() {
                if server.is_stopping() {
                    // It fails only for signals that cannot be caught.
                    let _ = low_level::emulate_default_handler(signal);
                }
                server.stop(StopReason::Signal(signal));
            }
        };
        let thread = thread::Builder::new().name("ringport-signal".to_owned()).spawn(wait)?;
        Ok(Watch { handle, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It cannot panic: it only passes signals on.
            let _ = thread.join();
        }
        leave();
    }
}

/// How many servers watch, and the flag that says that none does. Once a signal has a handler the process has
/// to do by itself what the system would have done without one.
static WATCHERS: Mutex<(usize, Option<Arc<AtomicBool>>)> = Mutex::new((0, None));

fn enter() -> io::Result<()> {
    let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
    let nobody = match watchers.1.clone() {
        Some(nobody) => nobody,
        None => {
            let nobody = Arc::new(AtomicBool::new(false));
            for signal in WATCHED {
                flag::register_conditional_default(signal, Arc::clone(&nobody))?;
            }
            watchers.1.insert(nobody).clone()
        }
    };
    nobody.store(false, Ordering::SeqCst);
    watchers.0 += 1;
    Ok(())
}

fn leave() {
    let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
    watchers.0 = watchers.0.saturating_sub(1);
    if let (0, Some(nobody)) = (watchers.0, watchers.1.as_ref()) {
        nobody.store(true, Ordering::SeqCst);
    }
}
