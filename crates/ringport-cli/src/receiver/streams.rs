//! A TCP server that sends back what it gets, and counts whole messages and works for each.

use ringport::server::ThreadCounters;

use crate::cli::ReceiverOptions;
use crate::descriptors;
use crate::failure::Failure;
use crate::output;
use crate::thread_each::ThreadEach;

use super::probe::{self, Collection};
use super::report::{Finished, OfServer, Ready};
use super::threads::ThreadFigures;
use super::{control, work};

/// Runs it until the driver ends it.
pub(super) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    descriptors::make_room(options.connections.into())?;
    let collection = Collection::default();
    let (probes, work, payload) = (collection.clone(), options.work, options.payload.max(1) as u64);
    let (work_ns, probe_ns) = (work::cost_of_unit(), probe::stream_cost());
    let server = ThreadEach::start((options.bind, 0), move || {
        let mut probe = probes.stream_probe(work);
        move |bytes: &[u8]| probe.pass(bytes, payload)
    })?;
    output::json_line(&Ready { address: server.local_addr(), work_ns, probe_ns })?;
    let stopper = server.stopper();
    control::listen(collection.clone(), move || stopper.stop())?;
    let threads = server.join();
    output::json_line(&Finished::new(&collection, of_thread_each(threads, payload)))?;
    Ok(())
}

/// Threads count bytes and reads; how many messages that is, only the payload tells.
fn of_thread_each(mut threads: Vec<ThreadCounters>, payload: u64) -> OfServer {
    for thread in &mut threads {
        thread.datagrams = thread.bytes / payload;
    }
    let all = threads.iter().map(|thread| thread.datagrams).sum();
    let threads: Vec<ThreadFigures> = threads.iter().map(|thread| ThreadFigures::of(thread, all)).collect();
    OfServer { backend: None, receive_buffer: 0, total: ThreadFigures::sum(&threads), threads }
}
