//! What the console tells of: Ctrl-C, Ctrl-Break, that it is closed, that the user logs off, that the system shuts down.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use super::handle::checked;

/// The process watches once: for the command that it runs.
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Sets `asked` when the console tells of one of them. The second ends the process.
pub(crate) fn watch(asked: &Arc<AtomicBool>) -> io::Result<()> {
    if ASKED.set(Arc::clone(asked)).is_err() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // SAFETY: the handler is a function, so it is there whenever it is called, on a thread that the system makes.
    checked(unsafe { SetConsoleCtrlHandler(Some(handler), 1) })
}

unsafe extern "system" fn handler(event: u32) -> BOOL {
    if ASKED.get().is_none_or(|asked| asked.swap(true, Ordering::SeqCst)) {
        std::process::exit(1);
    }
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        // The system ends the process as soon as this returns, so it does not, and the run has until the system loses
        // its patience to end in order.
        loop {
            std::thread::park();
        }
    }
    1
}
