//! The report for people.

use crate::figures::Figure;
use crate::load::Load;
use crate::setting::Setting;
use crate::targets::Verdict;

pub(crate) fn setting(setting: &Setting) {
    for (what, words) in setting.words() {
        println!("{what:<10}{words}");
    }
}

/// To standard error, which is no part of the report.
pub(crate) fn progress(round: u32, rounds: u32) {
    eprintln!("round {} of {rounds}", round + 1);
}

pub(crate) fn figures(loads: &[Load], figures: &[Figure]) {
    for load in loads {
        println!("\n{load}: {}", load.describe());
        println!(
            "  {:<29}{:>8} {:>15} {:>7} {:>11} {:>8} {:>9} {:>8} {:>8} {:>8}",
            "",
            "CPU ns",
            "quartiles",
            "times",
            "per second",
            "received",
            "switches",
            "p50 us",
            "p99 us",
            "p99.9 us"
        );
        let name = load.to_string();
        figures.iter().filter(|figure| figure.load == name).for_each(line);
    }
}

fn line(figure: &Figure) {
    let cpu = figure.cpu_ns;
    let delay = |delay: Option<ringport_stand::quartiles::Quartiles>| {
        delay.map_or("-".to_owned(), |delay| format!("{:.1}", delay.median))
    };
    println!(
        "  {:<29}{:>8.1} {:>15} {:>7.2} {:>11.0} {:>7.1}% {:>9.1} {:>8} {:>8} {:>8}",
        figure.peer,
        cpu.median,
        format!("{:.1}..{:.1}", cpu.p25, cpu.p75),
        figure.times_better.median,
        figure.rate_per_s.median,
        figure.received_ratio.median * 100.0,
        figure.switches_per_thousand.median,
        delay(figure.p50_us),
        delay(figure.p99_us),
        delay(figure.p999_us),
    );
}

pub(crate) fn verdicts(verdicts: &[Verdict]) {
    println!("\nTargets (medians of what came out within a round; quartiles behind them):");
    for Verdict { load, peer, found, met, sentence, .. } in verdicts {
        let met = if *met { "met" } else { "missed" };
        println!("  {load:<20}{peer:<29}{sentence}: {met}  [{:.2}..{:.2}]", found.p25, found.p75);
    }
}

pub(crate) fn notes(notes: &[String]) {
    println!(
        "\nCPU is that of the whole process of the peer for each datagram, read from outside; times is how many times\n\
         less it is than tokio's in the same round. Switches are those of all its threads for a thousand datagrams.\n\
         Delays are those of the way to the peer, and there and back for echoes. Under a flood the rate is mostly\n\
         the sender's, and what a socket has no room for is lost."
    );
    for note in notes {
        println!("{note}");
    }
}
