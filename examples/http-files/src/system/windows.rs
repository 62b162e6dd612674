//! Ctrl-C and its likes, which end the process in order.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};

/// Sends something at the first Ctrl-C, Ctrl-Break or closing of the console. The second ends the process at once.
pub(crate) fn watch() -> io::Result<Receiver<()>> {
    let told = AtomicBool::new(false);
    let (stop, stopped) = mpsc::channel();
    let tell = move || {
        if told.swap(true, Ordering::Relaxed) || stop.send(()).is_err() {
            std::process::exit(1);
        }
    };
    ctrlc::set_handler(tell).map_err(io::Error::other)?;
    Ok(stopped)
}

/// Windows has no limit of sockets but its memory.
pub(crate) fn raise_descriptor_limit() {}
