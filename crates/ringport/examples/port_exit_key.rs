//! Ending the threads of a port by a packet of the program's own: one exit key for each thread, which comes after
//! all work that was posted before: `cargo run --release --example port_exit_key`.

use std::error::Error;
use std::thread;

use ringport::{CompletionPort, Packet};

const WORK: u64 = 1;
const EXIT: u64 = 2;
const THREADS: usize = 4;

/// Takes packets until the exit key; returns how much work it did.
fn serve(port: &CompletionPort) -> u64 {
    let mut done = 0;
    loop {
        match port.wait(None) {
            Ok(Packet::Posted { key: WORK, value }) => done += value,
            Ok(Packet::Posted { key: EXIT, .. }) => return done,
            Ok(other) => eprintln!("not ours: {other:?}"),
            // The port was closed under it: nothing more will come either.
            Err(_) => return done,
        }
    }
}

/// Hands out work of 1 to 1,000 and returns what the threads did together: 500,500.
pub(crate) fn run() -> Result<u64, Box<dyn Error>> {
    let port = CompletionPort::new(0)?;
    let port = &port;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| serve(port))).collect();
        (1..=1000).try_for_each(|value| port.post(WORK, value))?;
        // Packets are taken first in, first out: each thread takes its exit when all work is taken.
        (0..THREADS).try_for_each(|_| port.post(EXIT, 0))?;
        Ok(threads.into_iter().filter_map(|thread| thread.join().ok()).sum())
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{} done", run()?);
    Ok(())
}
