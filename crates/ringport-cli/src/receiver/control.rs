//! The receiver's side of the line protocol with the driver.

use std::io::{self, BufRead, Write};
use std::thread;

use crate::failure::Failure;

/// Answers the driver in a thread of its own, with what `count` says, until it says `finish` or is gone; then calls
/// `stop`.
pub(crate) fn listen(
    count: impl Fn() -> u64 + Send + 'static,
    stop: impl FnOnce() + Send + 'static,
) -> Result<(), Failure> {
    thread::Builder::new()
        .name("control".into())
        .spawn(move || {
            answer(count);
            stop();
        })
        .map(|_| ())
        .map_err(|error| Failure::failed(format!("could not start a thread: {error}")))
}

/// Answers until the end. It runs beside what is measured, so it allocates nothing after its first line.
fn answer(count: impl Fn() -> u64) {
    let mut input = io::stdin().lock();
    let mut line = String::with_capacity(64);
    loop {
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        match line.trim_end() {
            "finish" => return,
            "count" => {
                let mut output = io::stdout().lock();
                let told = writeln!(output, "{}", count()).and_then(|()| output.flush());
                if told.is_err() {
                    return;
                }
            }
            // A driver of another version: what is not understood is left unanswered.
            _ => {}
        }
    }
}
