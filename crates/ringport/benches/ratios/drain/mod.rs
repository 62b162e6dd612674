//! Lockstep drain: fill a socket with 512 datagrams, stop, and time only how they are received.
//!
//! ```text
//!   fill (not timed)            drain (timed)
//!   source ──512──► socket ──► receive, look at address and bytes, give the slice back for the next
//! ```
//!
//! On loopback the sender's call does most of the work of receiving, so only what is timed here says what
//! a way of receiving costs.

pub(crate) mod calls;
pub(crate) mod candidate;
mod library;
mod provided;
mod registered;
mod ring;
mod targets;

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use candidate::Drain;
pub(crate) use candidate::{Names, set_receive_buffer};
pub(crate) use library::Library;
use ringport::backend::explain;
use ringport::{BackendChoice, BackendKind};

use crate::Failure;
use crate::affinity::Cpus;
use crate::filler::{Filler, Source};
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::{interleave, timed};

/// Datagrams of one fill.
pub(crate) const FILL: usize = 512;
/// Fills in one turn that count.
const FILLS: usize = 2;

/// The candidates, in the order of the table.
const CANDIDATES: [(&str, Way); 6] = [
    ("library over io_uring", Way::LibraryUring),
    ("io_uring by hand", Way::Ring),
    ("library over epoll", Way::LibraryEpoll),
    ("recvmmsg(64) by hand", Way::Batches),
    ("recvmmsg(64) by hand, with addresses", Way::NamedBatches),
    ("recvfrom by hand", Way::Single),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    LibraryUring,
    Ring,
    LibraryEpoll,
    Batches,
    /// Also on a connected socket, as a program that does not connect its socket would.
    NamedBatches,
    Single,
}

impl Way {
    fn needs_uring(self) -> bool {
        matches!(self, Way::LibraryUring | Way::Ring)
    }
}

/// One candidate with its socket.
struct Candidate {
    name: &'static str,
    way: Way,
    names: Names,
    drain: Box<dyn Drain>,
}

/// Measures all payloads and both places of the sender.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    for payload in [64, 1024] {
        for other in [true, false] {
            if other && cpus.here == cpus.other {
                report.note("only one processor: no sender on another one".to_owned());
                continue;
            }
            measure_one(options, cpus, payload, other, report)?;
        }
    }
    Ok(())
}

fn measure_one(
    options: &Options,
    cpus: Cpus,
    payload: usize,
    other: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut candidates = Vec::new();
    let mut sources = Vec::new();
    let uring = explain(BackendChoice::Uring).is_ok_and(|found| found.kind == BackendKind::Uring);
    for names in [Names::Wanted, Names::Known] {
        for (name, way) in CANDIDATES {
            if way == Way::NamedBatches && names == Names::Wanted {
                continue;
            }
            if way.needs_uring() && !uring || !name.contains(&options.candidates) {
                continue;
            }
            let (candidate, source) = make(options, name, way, names, payload)?;
            candidates.push(candidate);
            sources.push(source);
        }
    }
    let filler = if other { Filler::on(cpus.other, sources) } else { Filler::here(sources) };
    let figures = interleave(options.rounds, candidates.len(), FILL * FILLS, |index| {
        let mut counted = Duration::ZERO;
        let Some(candidate) = candidates.get_mut(index) else { return Ok(counted) };
        for fill in 0..1 + FILLS {
            filler.fill(index, FILL)?;
            let (time, result) = timed(|| candidate.drain.drain(FILL));
            result.map_err(|failure| format!("{}: {failure}", candidate.name))?;
            // The first brings the candidate's memory back into the caches that the others used.
            counted += if fill > 0 { time } else { Duration::ZERO };
        }
        Ok(counted)
    })?;
    let place = if other { "other" } else { "same" };
    for names in [Names::Wanted, Names::Known] {
        let kind = if names == Names::Wanted { "with addresses" } else { "connected" };
        let measurement = format!("drain, {payload} B, sender on the {place} core, {kind}");
        let chosen: Vec<_> = candidates
            .iter()
            .zip(&figures)
            .filter(|(candidate, _)| candidate.names == names)
            .map(|(candidate, figures)| (candidate.way, candidate.name, *figures))
            .collect();
        let base = chosen.iter().find(|(way, ..)| *way == Way::Batches).map(|(_, _, figures)| figures.median);
        let rows = chosen.iter().map(|(_, name, figures)| Row {
            measurement: measurement.clone(),
            candidate: (*name).to_owned(),
            unit: "ns",
            figures: *figures,
            ratio: base.map(|base| (figures.median / base, "recvmmsg(64)".to_owned())),
        });
        report.add(rows.collect());
        targets::judge(&measurement, payload, names, &chosen, report);
    }
    Ok(())
}

fn make(
    options: &Options,
    name: &'static str,
    way: Way,
    names: Names,
    payload: usize,
) -> Result<(Candidate, Source), Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    set_receive_buffer(&socket)?;
    let address: SocketAddr = socket.local_addr()?;
    let source = Source::new(address, payload)?;
    if names == Names::Known {
        socket.connect(source.address()?)?;
    }
    let drain: Box<dyn Drain> = match way {
        Way::LibraryUring => {
            Box::new(Library::new(socket, BackendChoice::Uring, names, options.pending, options.batch)?)
        }
        // As many receives as the call by hand has buffers: what is compared is the same work.
        Way::LibraryEpoll => {
            Box::new(Library::new(socket, BackendChoice::Epoll, names, calls::BATCH, calls::BATCH)?)
        }
        Way::Ring => Box::new(ring::Ring::new(socket, names, options.pending, options.batch)?),
        Way::Batches => Box::new(calls::Batches::new(socket, names)?),
        Way::NamedBatches => Box::new(calls::Batches::new(socket, Names::Wanted)?),
        Way::Single => Box::new(calls::Single::new(socket, names)),
    };
    Ok((Candidate { name, way, names, drain }, source))
}
