//! The process that is measured: one server design with a handler that counts, works and times.
//!
//! The driver talks with it over its standard input and output, a line each way:
//!
//! ```text
//!   driver                         receiver
//!                <- {"ready": ..}  address, backend, socket buffer granted
//!   count        -> .. <- 12345    datagrams so far
//!   finish       -> .. <- {..}     stops the server; its figures, and the end
//!   (closed)     ->                the driver is gone: stops too
//! ```

mod control;
mod probe;
pub(crate) mod report;
mod server;
mod work;

use crate::cli::ReceiverOptions;
use crate::failure::Failure;
use crate::output;

use probe::Collection;
use report::{Finished, Ready};

/// Runs one receiver until the driver ends it.
pub(crate) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    let server = server::open(options)?;
    let collection = Collection::default();
    output::json_line(&Ready {
        address: server.address(),
        backend: server.backend(),
        receive_buffer: server.receive_buffer(),
        work_ns: work::cost_of_unit(),
        probe_ns: probe::cost(),
    })?;
    control::listen(collection.clone(), server.stopper())?;
    let threads = server.run(&|| collection.probe(options.work))?;
    output::json_line(&Finished::new(&collection, threads))?;
    Ok(())
}
