//! The process that is measured: one server design with a handler that counts, works and times.
//!
//! The driver talks with it over its standard input and output, a line each way:
//!
//! ```text
//!   driver                         receiver
//!                <- {..}  its address
//!   count        -> .. <- 12345    datagrams so far
//!   finish       -> .. <- {..}     stops the server; its figures, and the end
//!   (closed)     ->                the driver is gone: stops too
//! ```

mod control;
mod probe;
pub(crate) mod report;
mod work;

use ringport::server::Datagram;

use crate::cli::ReceiverOptions;
use crate::failure::Failure;
use crate::output;
use crate::server;

use probe::Collection;
use report::{Finished, Ready};

/// Slices are no smaller than a server's usual ones, so that small payloads are not favoured by small memory.
const SMALLEST_SLICE: usize = 2048;

/// Runs one receiver until the driver ends it.
pub(crate) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    let slice_size = options.payload.max(SMALLEST_SLICE);
    let server = server::bind("127.0.0.1:0", options.design, &options.server, slice_size)?;
    let collection = Collection::default();
    output::json_line(&Ready {
        address: server.local_addr(),
        work_ns: work::cost_of_unit(),
        probe_ns: probe::cost(),
    })?;
    let handle = server.handle();
    control::listen(collection.clone(), move || handle.stop())?;
    let handler_of_thread = |_| {
        let mut probe = collection.probe(options.work);
        move |datagram: Datagram<'_>| probe.see(datagram.payload())
    };
    let report = server.run_with(handler_of_thread).map_err(server::failure)?;
    output::json_line(&Finished::new(&collection, &report))?;
    Ok(())
}
