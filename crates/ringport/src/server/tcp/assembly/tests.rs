//! Any cutting of any messages into slices gives the same messages, and every slice comes home in time.

mod cutting;
mod keeping;
mod trickling;

use super::Assembly;
use crate::memory::{BufferPool, Lock};
use crate::server::tcp::framing::{Framing, FramingError};

const SLICE: usize = 16;

const SLICES: usize = 512;

fn pool() -> BufferPool {
    let builder = BufferPool::builder().slice_size(SLICE).slices_per_region(SLICES).regions(1..=1);
    builder.lock(Lock::Off).build().unwrap()
}

/// Takes all messages that are there, until there are none or an error.
fn drain<F: Framing>(assembly: &mut Assembly, framing: &mut F) -> (Vec<Vec<u8>>, Option<FramingError>) {
    let mut messages = Vec::new();
    loop {
        match assembly.next(framing) {
            Ok(Some(message)) => messages.push(message.bytes().to_vec()),
            Ok(None) => return (messages, None),
            Err(error) => return (messages, Some(error)),
        }
    }
}
