//! The process that is measured: one server design with a handler that counts, works and times.
//!
//! The driver talks with it over its standard input and output, a line each way:
//!
//! ```text
//!   driver                         receiver
//!                <- {..}  its address
//!   count        -> .. <- 12345    datagrams or messages so far
//!   finish       -> .. <- {..}     stops the server; its figures, and the end
//!   (closed)     ->                the driver is gone: stops too
//! ```

mod control;
mod datagrams;
mod echoing;
mod meters;
mod probe;
pub(crate) mod report;
mod streams;
pub(crate) mod threads;
mod totals;
mod work;

use crate::cli::ReceiverOptions;
use crate::failure::Failure;
use crate::protocol::Protocol;

/// Slices are no smaller than a server's usual ones, so that small payloads are not favoured by small memory.
const SMALLEST_SLICE: usize = 2048;

/// Runs one receiver until the driver ends it.
pub(crate) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    match options.protocol {
        Protocol::Udp => datagrams::run(options),
        Protocol::Tcp => streams::run(options),
    }
}
