//! A TCP server that sends back what it gets, and counts whole messages and works for each.

use std::sync::Arc;

use crate::cli::ReceiverOptions;
use crate::descriptors;
use crate::failure::Failure;
use crate::output;
use crate::sys::process;

use super::echoing::Echoing;
use super::meters::{self, Meter, Meters};
use super::report::{Finished, OfServer, Ready};
use super::threads::ThreadFigures;
use super::{control, work};

/// Runs it until the driver ends it.
pub(super) fn run(options: &ReceiverOptions) -> Result<(), Failure> {
    descriptors::make_room(options.connections.into(), "connections")?;
    let meters = Meters::default();
    let (work_ns, probe_ns) = (work::cost_of_unit(), meters::cost());
    let server = Echoing::start(options, &meters)?;
    output::json_line(&Ready { addresses: vec![server.local_addr()], work_ns, probe_ns })?;
    let (counted, used, stop) = (meters.clone(), meters.clone(), server.stopper());
    let (sender, threads) = std::sync::mpsc::channel();
    control::listen(
        move || counted.count(),
        move || {
            // Once they have ended, nobody can tell any more what they used.
            let _ = sender.send(threads_of(&used));
            stop();
        },
    )?;
    let ended = server.join()?;
    let threads: Vec<ThreadFigures> = threads.try_iter().flatten().collect();
    let total = ThreadFigures::sum(&threads, ended.batches);
    let server = OfServer { backend: ended.backend, receive_buffer: 0, threads, total };
    output::json_line(&Finished::new(meters.totals(), server))?;
    Ok(())
}

fn threads_of(meters: &Meters) -> Vec<ThreadFigures> {
    let all = meters.count();
    let figures = |meter: &Arc<Meter>| {
        let used = process::thread(meter.thread).unwrap_or_default();
        ThreadFigures::passed(meter.messages(), meter.bytes(), all, &used)
    };
    meters.all().iter().map(figures).collect()
}
