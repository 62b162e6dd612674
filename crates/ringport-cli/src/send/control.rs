//! The generator under a comparison: it begins when the driver says so, and ends when the driver is gone, however
//! the driver went.

use std::io::{self, Read};
use std::thread;

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;

/// Tells the driver that the sockets stand, then waits for its line on standard input.
pub(crate) fn wait_for_start(interrupt: &Interrupt) -> Result<(), Failure> {
    output::line("ready")?;
    let mut line = String::new();
    let read = io::stdin()
        .read_line(&mut line)
        .map_err(|error| Failure::failed(format!("standard input: {error}")))?;
    if read == 0 {
        return Err(Failure::failed("standard input closed before the start"));
    }
    let interrupt = interrupt.clone();
    let watch = move || {
        // Ends at the end of file: closing the pipe is how the driver, or its death, stops the run.
        let _ = io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink());
        interrupt.ask();
    };
    thread::Builder::new()
        .name("control".into())
        .spawn(watch)
        .map_err(|error| Failure::failed(format!("could not start a thread: {error}")))?;
    Ok(())
}
