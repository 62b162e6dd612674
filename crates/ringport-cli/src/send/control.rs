//! The generator under a comparison: it begins when the driver says so, and ends when the driver is gone, however
//! the driver went.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;

/// Between two looks at whether the driver is there.
const LOOK: Duration = Duration::from_millis(5);

/// Waits until the driver has what it wants, or is gone.
pub(crate) fn wait_for_end(interrupt: &Interrupt) {
    while !interrupt.asked() {
        thread::sleep(LOOK);
    }
}

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
