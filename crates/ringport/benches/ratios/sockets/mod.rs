//! Many sockets: what a datagram costs when one queue serves a thousand of them, and what share each gets.
//!
//! ```text
//!   fill                                              receive
//!   one to each in turn ──► [s0] [s1] ... [s999] ──► queue ──► look at it, post its slice again
//! ```
//!
//! Counted is the processor time of the whole process less that of the thread while it fills: so that of the drain,
//! and of the pumps where the queues are on a port. Each arrangement takes its turn in each round, and is compared
//! with one socket, received from in the same way.

mod clock;
mod hand;
mod load;
mod memory;
mod own;
mod ported;
mod receiver;
mod senders;
mod share;

use ringport::BackendChoice;

use self::load::{LOADS, Load};
use self::receiver::Receiver;
use self::senders::Senders;
use crate::Failure;
use crate::affinity::{self, Cpus};
use crate::options::Options;
use crate::report::{Report, Row};
use crate::rounds::interleave;

/// Datagrams of one fill, about; and slices of one arrangement.
const FILL: usize = 1024;
const SLICES: usize = 1024;
/// Fills in one turn that count. As many go before them, to bring the arrangement's memory back into the caches.
const FILLS: usize = 2;
/// Rounds: turns are long, so a part of those of other measurements says enough.
const ROUNDS: usize = 80;

/// A way to receive from many sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Own(BackendChoice),
    Port(BackendChoice),
    Hand,
}

const WAYS: [(&str, Way); 5] = [
    ("own-thread queue over io_uring", Way::Own(BackendChoice::Uring)),
    ("own-thread queue over epoll", Way::Own(BackendChoice::Epoll)),
    ("queue on a port over io_uring", Way::Port(BackendChoice::Uring)),
    ("queue on a port over epoll", Way::Port(BackendChoice::Epoll)),
    ("epoll and recvmmsg(64) by hand", Way::Hand),
];

impl Way {
    fn open(self, load: &Load, cpus: Cpus, batch: usize) -> Result<Box<dyn Receiver>, Failure> {
        Ok(match self {
            Way::Own(backend) => Box::new(own::Own::new(load, backend, batch)?),
            Way::Port(backend) => {
                // The pumps stay where they were started.
                affinity::pin(cpus.other)?;
                let opened = ported::Ported::new(load, backend, batch);
                affinity::pin(cpus.here)?;
                Box::new(opened?)
            }
            Way::Hand => Box::new(hand::Hand::new(load)?),
        })
    }

    fn runs(self, name: &str, options: &Options, report: &mut Report) -> bool {
        if !name.contains(&options.candidates) {
            return false;
        }
        let (Way::Own(backend) | Way::Port(backend)) = self else { return true };
        ringport::backend::explain(backend)
            .inspect_err(|error| report.note(format!("{name} is not measured: {error}")))
            .is_ok()
    }
}

/// Measures all ways: the memory of an idle socket, then what a datagram costs and who gets how much.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    memory::measure(options, report)?;
    for (name, way) in WAYS {
        if !way.runs(name, options, report) {
            continue;
        }
        cost(name, way, options, cpus, report)?;
        if way != Way::Hand {
            share::measure(name, way, options, cpus, report)?;
        }
    }
    Ok(())
}

fn cost(name: &str, way: Way, options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    let mut opened = Vec::new();
    // A loop by hand has no queues to spread them over.
    for load in LOADS.iter().filter(|load| way != Way::Hand || load.queues == 1) {
        let receiver = way.open(load, cpus, options.batch)?;
        opened.push((load, Senders::new(receiver.addresses())?, receiver));
    }
    let rounds = if options.quick { options.rounds.min(12) } else { options.rounds.min(ROUNDS) };
    let figures = interleave(rounds, opened.len(), FILLS * FILL, |index| {
        let Some((load, senders, receiver)) = opened.get_mut(index) else { return Ok(Default::default()) };
        let mut counted = Default::default();
        for fill in 0..2 * FILLS {
            let (all, own) = (clock::process(), clock::thread());
            senders.fill(load.busy(), load.fill())?;
            let filling = clock::thread() - own;
            receiver.receive(load.fill(), &mut |_| Ok(()))?;
            let used = (clock::process() - all).saturating_sub(filling);
            // All fills count as equally large.
            let used = used.mul_f64(FILL as f64 / load.fill() as f64);
            counted += if fill >= FILLS { used } else { Default::default() };
        }
        Ok(counted)
    })?;
    let base = figures.first().map(|figures| figures.median);
    let rows = opened.iter().zip(&figures).map(|((load, ..), figures)| Row {
        measurement: format!("many sockets, {name}, 64 B"),
        candidate: load.name(),
        unit: "ns",
        figures: *figures,
        ratio: base.map(|base| (figures.median / base, "1 socket".to_owned())),
    });
    report.add(rows.collect());
    Ok(())
}
