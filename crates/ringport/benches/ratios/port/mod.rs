//! The completion port by itself: what its packets cost beside those of queues and channels that do less.

mod packet;
mod ping_pong;

use crate::Failure;
use crate::affinity::Cpus;
use crate::options::Options;
use crate::report::{Report, Verdict};
use crate::statistics::Quartiles;

/// Measures packets on one thread, then between two.
pub(crate) fn measure(options: &Options, cpus: Cpus, report: &mut Report) -> Result<(), Failure> {
    packet::measure(options, report)?;
    ping_pong::measure(options, cpus.here, cpus.here, report)?;
    if cpus.here == cpus.other {
        report.note("only one processor: no ping-pong between two".to_owned());
        return Ok(());
    }
    ping_pong::measure(options, cpus.here, cpus.other, report)
}

/// The port beside a rival, of which it may cost so many times as much and so many nanoseconds more.
fn judge(
    what: String,
    port: Quartiles,
    (rival, theirs): (&str, Quartiles),
    (times, more): (f64, f64),
) -> Verdict {
    let most = theirs.median * times + more;
    Verdict {
        what,
        measured: format!("{:.1} ns, {rival} {:.1} ns", port.median, theirs.median),
        target: format!("at most {most:.1} ns"),
        meets: port.median <= most,
    }
}
