//! The report for people.

use super::Held;

pub(super) fn held(held: &[Held]) {
    let Some(first) = held.first() else { return };
    println!(
        "\nhold: {} connections, idle for {:.0} s after one echo on each",
        first.connections, first.idle_s
    );
    println!(
        "  {:<24}{:>11} {:>11} {:>9} {:>9} {:>12} {:>8} {:>12} {:>12}",
        "",
        "PSS B each",
        "RSS B each",
        "reserved",
        "PSS KiB",
        "idle CPU ms",
        "threads",
        "descriptors",
        "after close"
    );
    for held in held {
        println!(
            "  {:<24}{:>11.0} {:>11.0} {:>9} {:>9} {:>12.2} {:>8} {:>12} {:>12}",
            held.candidate,
            held.pss_bytes_per_connection,
            held.rss_bytes_per_connection,
            held.reserved_bytes_per_connection.map_or("-".to_owned(), |bytes| format!("{bytes:.0}")),
            held.held.pss_kib,
            held.idle_cpu_ms,
            held.held.threads,
            held.held.descriptors,
            held.closed.descriptors,
        );
    }
    println!("\ntargets for memory: at most what is reserved and 1 KiB");
    for held in held {
        let Some(meets) = held.meets else { continue };
        println!("  {:<7} {}", if meets { "meets" } else { "misses" }, held.candidate);
    }
}
