//! What the console tells of: Ctrl-C, Ctrl-Break, that it is closed, that the user logs off, that the system shuts down.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ringport::backend::tool;

/// The process watches once: for the command that it runs.
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Sets `asked` when the console tells of one of them. The second ends the process.
pub(crate) fn watch(asked: &Arc<AtomicBool>) -> io::Result<()> {
    if ASKED.set(Arc::clone(asked)).is_err() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    tool::listen_to_console(tell)
}

fn tell(ends_the_process: bool) -> bool {
    if ASKED.get().is_none_or(|asked| asked.swap(true, Ordering::SeqCst)) {
        std::process::exit(1);
    }
    if ends_the_process {
        // The system ends the process as soon as this returns, so it does not, and the run has until the system loses
        // its patience to end in order.
        loop {
            std::thread::park();
        }
    }
    true
}
