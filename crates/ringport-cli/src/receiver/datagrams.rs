//! A UDP server whose handler counts, works, times, and answers nothing.

use ringport::server::Datagram;

use crate::cli::ReceiverOptions;
use crate::failure::Failure;
use crate::output;
use crate::server;

use super::probe::{self, Collection};
use super::report::{Finished, OfServer, Ready};
use super::{SMALLEST_SLICE, control, work};

/// Runs it until the driver ends it.
pub(super) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    let addresses = (0..options.ports).map(|_| (options.bind, 0));
    let slice_size = options.payload.max(SMALLEST_SLICE);
    let server = server::bind(addresses, options.design, &options.server, slice_size)?;
    let collection = Collection::default();
    let (probes, work) = (collection.clone(), options.work);
    let handler_of_thread = move |_| {
        let mut probe = probes.probe(work);
        move |datagram: Datagram<'_>| probe.see(datagram.payload())
    };
    let (work_ns, probe_ns) = (work::cost_of_unit(), probe::cost());
    // The driver may begin once every thread is ready and every socket stands: before that, datagrams of a sharded
    // design would go to the sockets that happen to be there.
    let running = server.start_with(handler_of_thread).map_err(server::failure)?;
    output::json_line(&Ready { addresses: running.local_addrs(), work_ns, probe_ns })?;
    let handle = running.handle();
    let counted = collection.clone();
    control::listen(move || counted.count(), move || handle.stop())?;
    let report = running.join().map_err(server::failure)?;
    let mut finished = Finished::new(collection.totals(), OfServer::reported(&report));
    if options.foreign_clock {
        finished.latency_us = None;
    }
    output::json_line(&finished)?;
    Ok(())
}
