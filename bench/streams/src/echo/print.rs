//! The report for people.

use ringport_stand::quartiles::Quartiles;

use super::figures::Figure;
use super::verdict::{Kind, Verdict};
use crate::options::Options;
use ringport_stand::clients::Load;

pub(super) fn setting(options: &Options) {
    println!("\necho: {} rounds of {} ms after {} ms", options.rounds(), options.window(), options.warm_up());
    println!(
        "ringport and by hand over io_uring: {} slices of {} bytes",
        options.echo.slices, options.echo.slice
    );
}

pub(super) fn figures(loads: &[Load], figures: &[Figure]) {
    for load in loads {
        println!("\n{load}; ratios to the best by hand over epoll within a round");
        println!(
            "  {:<24}{:>8} {:>13} {:>6} {:>8} {:>6} {:>9} {:>9}",
            "", "CPU ns", "quartiles", "ratio", "k/s", "ratio", "p50 us", "p99 us"
        );
        for figure in figures.iter().filter(|figure| figure.load == *load) {
            let cpu = figure.cpu_ns_per_message;
            println!(
                "  {:<24}{:>8.0} {:>13} {:>6} {:>8.1} {:>6} {:>9.1} {:>9.1}",
                figure.candidate,
                cpu.median,
                format!("{:.0}..{:.0}", cpu.p25, cpu.p75),
                ratio(figure.cpu_over_best),
                figure.rate_per_s.median / 1e3,
                ratio(figure.rate_over_best),
                figure.p50_us.median,
                figure.p99_us.median,
            );
        }
    }
}

pub(super) fn verdicts(verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    println!("\ntargets for CPU a message, medians of the ratios within a round");
    for Verdict { load, candidate, peer, kind, ratio, target, meets } in verdicts {
        let (target, what) = match kind {
            Kind::CostOverPeer => (format!("<= {target:.2}"), format!("of {peer}")),
            Kind::PeerOverCost => (format!(">= {target:.2}"), format!("times better than {peer}")),
        };
        println!(
            "  {:<7} {:<14} {candidate}: {:.2} ({:.2}..{:.2}) {what} (target {target})",
            if *meets { "meets" } else { "misses" },
            load.to_string(),
            ratio.median,
            ratio.p25,
            ratio.p75,
        );
    }
}

fn ratio(ratio: Option<Quartiles>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{:.2}", ratio.median))
}
