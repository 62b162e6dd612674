//! What the drain must show.

use super::Way;
use super::candidate::Names;
use crate::report::{Report, Verdict};
use crate::statistics::Quartiles;

/// A library loop may cost this much of the same loop by hand ..
const OVERHEAD: f64 = 1.10;
/// .. or, over io_uring, this many nanoseconds more, whichever allows more.
const OVERHEAD_NS: f64 = 10.0;
/// What `recvmmsg` must cost of the library, where addresses are wanted and small datagrams come ..
const GAIN: f64 = 1.15;
/// .. and on a connected socket.
const GAIN_CONNECTED: f64 = 1.30;

/// Compares the candidates of one measurement.
pub(super) fn judge(
    measurement: &str,
    payload: usize,
    names: Names,
    figures: &[(Way, &'static str, Quartiles)],
    report: &mut Report,
) {
    let median = |wanted: Way| figures.iter().find(|(way, ..)| *way == wanted).map(|entry| entry.2.median);
    let mut compare =
        |what: &str, pair: (Option<f64>, Option<f64>), rule: &dyn Fn(f64, f64) -> bool, target| {
            if let (Some(above), Some(below)) = pair {
                report.judge(Verdict {
                    what: format!("{measurement}: {what}"),
                    measured: format!("{:.2} times, {:+.1} ns", above / below, above - below),
                    target,
                    meets: rule(above, below),
                });
            }
        };
    let uring = median(Way::LibraryUring);
    compare(
        "library over io_uring / by hand",
        (uring, median(Way::Ring)),
        &|ours, theirs| ours <= theirs * OVERHEAD || ours <= theirs + OVERHEAD_NS,
        format!("at most {OVERHEAD:.2} or {OVERHEAD_NS:+} ns"),
    );
    compare(
        "library over epoll / recvmmsg",
        (median(Way::LibraryEpoll), median(Way::Batches)),
        &|ours, theirs| ours <= theirs * OVERHEAD,
        format!("at most {OVERHEAD:.2}"),
    );
    let wanted = match names {
        Names::Wanted if payload <= 64 => Some(GAIN),
        Names::Wanted => None,
        Names::Known => Some(GAIN_CONNECTED),
    };
    if let Some(wanted) = wanted {
        let rule = |theirs: f64, ours: f64| theirs >= ours * wanted;
        let target = format!("at least {wanted:.2}");
        let batches = (median(Way::Batches), uring);
        compare("recvmmsg / library over io_uring", batches, &rule, target.clone());
        let named = (median(Way::NamedBatches), uring);
        compare("recvmmsg with addresses / library over io_uring", named, &rule, target);
    }
}
