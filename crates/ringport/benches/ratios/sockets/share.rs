//! Who gets how much while more is there than is taken.
//!
//! ```text
//!   all busy:   each datagram that is received is sent again to its socket, so that none is ever empty
//!   one busy:   the same for the first; now and then one is sent to another: how many come before it?
//! ```

use super::clock;
use super::load::Load;
use super::receiver::Receiver;
use super::senders::Senders;
use super::{Way, load};
use crate::Failure;
use crate::affinity::Cpus;
use crate::options::Options;
use crate::report::{Report, Row};
use crate::statistics::Quartiles;

/// Datagrams that wait in each socket.
const BACKLOG: usize = 16;
/// Datagrams received a socket.
const EACH: usize = 256;
/// Datagrams that wait in the one that is busy.
const FLOOD: usize = 512;
/// Requests to the others.
const REQUESTS: usize = 200;
/// What one dequeue, and one packet, brings at most.
const BATCH: usize = 64;

pub(super) fn measure(
    name: &str,
    way: Way,
    options: &Options,
    cpus: Cpus,
    report: &mut Report,
) -> Result<(), Failure> {
    let row = |measurement: &str, load: &Load, unit, figures| Row {
        measurement: format!("many sockets, {name}, {measurement}"),
        candidate: load.name(),
        unit,
        figures,
        ratio: None,
    };
    let mut rows = Vec::new();
    for load in load::LOADS.iter().filter(|load| load.sockets > 1 && !load.one_busy) {
        let shares = shares(load, way.open(load, cpus, BATCH)?)?;
        rows.push(row("share of the least over the mean", load, "%", shares));
    }
    report.add(rows);
    let mut rows = Vec::new();
    for load in load::LOADS.iter().filter(|load| load.one_busy) {
        let requests = if options.quick { REQUESTS / 10 } else { REQUESTS };
        let ahead = ahead(load, way.open(load, cpus, BATCH)?, requests)?;
        rows.push(row("dequeues of 64 until a quiet one is served", load, "", ahead));
    }
    report.add(rows);
    Ok(())
}

/// The share of the socket that got least, in percent of the mean, in four parts of the run.
fn shares(load: &Load, mut receiver: Box<dyn Receiver>) -> Result<Quartiles, Failure> {
    let senders = Senders::new(receiver.addresses())?;
    senders.fill(load.sockets, load.sockets * BACKLOG)?;
    let mut samples = Vec::new();
    for _ in 0..4 {
        let mut counts = vec![0_usize; load.sockets];
        receiver.receive(load.sockets * EACH / 4, &mut |socket| {
            if let Some(count) = counts.get_mut(socket) {
                *count += 1;
            }
            Ok(senders.send(socket)?)
        })?;
        let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
        let least = counts.iter().min().copied().unwrap_or(0) as f64;
        samples.push(100.0 * least / mean);
    }
    Ok(Quartiles::of(&samples))
}

/// Dequeues until the request of a quiet socket is served, that one included.
fn ahead(load: &Load, mut receiver: Box<dyn Receiver>, requests: usize) -> Result<Quartiles, Failure> {
    let senders = Senders::new(receiver.addresses())?;
    senders.fill(1, FLOOD)?;
    let mut samples = Vec::new();
    for request in 0..requests {
        let quiet = 1 + request * 7 % (load.sockets - 1);
        senders.send(quiet)?;
        let (mut dequeues, mut served, began) = (0, false, clock::process());
        while !served {
            let found = receiver.dequeue(&mut |socket| {
                served |= socket == quiet;
                if socket == 0 { Ok(senders.send(0)?) } else { Ok(()) }
            })?;
            dequeues += usize::from(found > 0);
            if (clock::process() - began).as_secs() > 5 {
                return Err("a quiet socket was never served beside a busy one".into());
            }
        }
        samples.push(dequeues as f64);
    }
    Ok(Quartiles::of(&samples))
}
