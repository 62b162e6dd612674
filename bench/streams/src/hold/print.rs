//! The report for people.

use super::Held;

pub(super) fn held(held: &[Held]) {
    let Some(first) = held.first() else { return };
    println!(
        "\nhold: {} connections, idle for {:.0} s after one echo on each",
        first.connections, first.idle_s
    );
    println!(
        "  {:<24}{:>12} {:>12} {:>12} {:>12} {:>8} {:>12} {:>12}",
        "", "PSS B each", "RSS B each", "PSS KiB", "idle CPU ms", "threads", "descriptors", "after close"
    );
    for held in held {
        println!(
            "  {:<24}{:>12.0} {:>12.0} {:>12} {:>12.2} {:>8} {:>12} {:>12}",
            held.candidate,
            held.pss_bytes_per_connection,
            held.rss_bytes_per_connection,
            held.held.pss_kib,
            held.idle_cpu_ms,
            held.held.threads,
            held.held.descriptors,
            held.closed.descriptors,
        );
    }
}
