//! The report for people.

use ringport_stand::quartiles::Quartiles;

use crate::candidate::REFERENCE;
use crate::figures::Figure;
use crate::sender::Way;
use crate::setting::Setting;
use crate::verdict::Verdict;

pub(crate) fn setting(setting: &Setting) {
    setting.machine.print();
    let places =
        setting.sender_and_receiver_on.map_or("left to the system".to_owned(), |(sender, receiver)| {
            format!("sender on processor {sender}, receiver on processor {receiver}")
        });
    println!("versions  ringport {}", setting.ringport);
    println!("places    {places}");
    println!(
        "datagrams {} bytes over 127.0.0.1 to one socket with a buffer of {} bytes; {} threads where several can be",
        setting.payload, setting.socket_buffer, setting.threads
    );
    println!(
        "rounds    {}, interleaved, {} ms each after {} ms of warm-up, a new process each",
        setting.rounds, setting.window_ms, setting.warm_up_ms
    );
}

pub(crate) fn figures(figures: &[Figure]) {
    for (way, title) in [(Way::Plain, "plain flood (sendmmsg of 64)"), (Way::Gso, "flood from a GSO sender")]
    {
        let of_way = || figures.iter().filter(|figure| figure.sender == way);
        if of_way().next().is_none() {
            continue;
        }
        println!("\n{title}; ratios to {REFERENCE} within a round");
        println!(
            "  {:<26}{:>7} {:>13} {:>6} {:>8} {:>13} {:>6} {:>10} {:>9} {:>9}",
            "",
            "k/s",
            "quartiles",
            "ratio",
            "CPU ns",
            "quartiles",
            "ratio",
            "switches/k",
            "received",
            "by two"
        );
        for figure in of_way() {
            let (rate, cpu) = (figure.rate_per_s, figure.cpu_ns_per_datagram);
            println!(
                "  {:<26}{:>7.0} {:>13} {:>6} {:>8.0} {:>13} {:>6} {:>10.1} {:>8.1}% {:>8.0}%",
                figure.candidate,
                rate.median / 1e3,
                format!("{:.0}..{:.0}", rate.p25 / 1e3, rate.p75 / 1e3),
                ratio(figure.rate_over_reference),
                cpu.median,
                format!("{:.0}..{:.0}", cpu.p25, cpu.p75),
                ratio(figure.cpu_over_reference),
                figure.switches_per_1000.median,
                figure.received_ratio * 100.0,
                figure.share_of_two * 100.0,
            );
        }
    }
}

pub(crate) fn verdicts(verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    println!("\ntargets: CPU a datagram over the best written by hand, medians of the ratios within a round");
    for Verdict { sender, candidate, rival, cpu_ratio, rate_ratio, target, meets } in verdicts {
        let sender = if *sender == Way::Plain { "plain" } else { "gso" };
        let Some(cpu) = cpu_ratio else {
            println!("  {:<8}{sender:<6} {candidate} was not measured", "");
            continue;
        };
        println!(
            "  {:<8}{sender:<6} {candidate}: {:.2} ({:.2}..{:.2}) of {rival}, its rate {} (target {target:.2})",
            if *meets == Some(true) { "meets" } else { "misses" },
            cpu.median,
            cpu.p25,
            cpu.p75,
            ratio(*rate_ratio),
        );
    }
}

fn ratio(ratio: Option<Quartiles>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{:.2}", ratio.median))
}
