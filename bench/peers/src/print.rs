//! The report for people.

use crate::figures::Figure;
use crate::load::Load;
use crate::setting::Setting;
use crate::verdict::{ENOUGH, Loss};

pub(crate) fn setting(setting: &Setting) {
    setting.machine.print();
    println!("versions  ringport {}, tokio {}", setting.ringport, setting.tokio);
    let places =
        setting.sender_and_receiver_on.map_or("left to the system".to_owned(), |(sender, receiver)| {
            format!("sender on processor {sender}, receiver on processor {receiver}")
        });
    println!("places    {places}");
    println!(
        "datagrams {} bytes over 127.0.0.1, one call each to send; socket buffer {} bytes",
        setting.payload, setting.socket_buffer
    );
    println!("ringport  {} receives posted, {} completions at a time", setting.pending, setting.max_results);
    println!(
        "rounds    {}, interleaved, {} ms each after {} ms of warm-up, a new process each",
        setting.rounds, setting.window_ms, setting.warm_up_ms
    );
}

/// To standard error, which is no part of the report.
pub(crate) fn progress(round: u32, rounds: u32) {
    eprintln!("round {} of {rounds}", round + 1);
}

pub(crate) fn figures(figures: &[Figure]) {
    for load in Load::ALL {
        let (each, rate) = match load {
            Load::Echo => ("echo", "round trips/s"),
            Load::Flood | Load::Paced(_) => ("datagram", "received/s"),
        };
        println!(
            "\n{load}: CPU ns a{} {each} of the whole receiving process",
            if each == "echo" { "n" } else { "" }
        );
        println!(
            "  {:<25}{:>8} {:>15} {:>9} {:>14} {:>9} {:>9}",
            "", "median", "quartiles", "to tokio", rate, "to tokio", "received"
        );
        for figure in figures.iter().filter(|figure| figure.load == load.to_string()) {
            let cpu = figure.cpu_ns_per_datagram;
            println!(
                "  {:<25}{:>8.0} {:>15} {:>9.2} {:>14.0} {:>9.2} {:>8.1}%",
                figure.candidate,
                cpu.median,
                format!("{:.0}..{:.0}", cpu.p25, cpu.p75),
                figure.cpu_over_tokio.median,
                figure.rate_per_s.median,
                figure.rate_over_tokio.median,
                figure.received_ratio * 100.0,
            );
        }
    }
}

pub(crate) fn losses(losses: &[Loss]) {
    let line = |loss: &Loss| {
        let Loss { load, candidate, peer, what, ratio, .. } = loss;
        println!("  {load:<14}{candidate:<26}{:.2} times the {what} of {peer}", ratio.median);
    };
    println!(
        "\nWhere ringport loses (in three quarters of the rounds or more; medians of the ratios within a round):"
    );
    if !losses.iter().any(|loss| loss.clear) {
        println!("  nowhere clearly in this run");
    }
    losses.iter().filter(|loss| loss.clear).for_each(line);
    if losses.iter().any(|loss| !loss.clear) {
        println!("Where it is behind, but the rounds disagree or are fewer than {ENOUGH}:");
        losses.iter().filter(|loss| !loss.clear).for_each(line);
    }
}

pub(crate) fn notes(notes: &[String]) {
    println!(
        "\nAs it comes, ringport may hold a completion back for up to 50 us where traffic keeps its rate all the\n\
         same, and pays for less CPU with that latency; with latency it never does. Under a flood the rate is\n\
         mostly the sender's. Among so many comparisons some losses are chance: believe those that come back."
    );
    for note in notes {
        println!("{note}");
    }
}
