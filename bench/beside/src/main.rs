//! `ringport-beside`: what a client that waits for its answers notices of traffic beside it.
//!
//! ```text
//!   client ──request──► socket ─► queue that answers ──┐
//!          ◄──answer───                                ├─► one completion port ─► two threads
//!   sender ──so many/s─► socket ─► queue that drains ──┘
//! ```
//!
//! All of it is in one process: the times compared are those of the same threads on the same processors.

mod client;
mod flood;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ringport::{BackendChoice, Waiting, backend};
use ringport_stand::Failure;
use ringport_stand::machine::Machine;

use client::RoundTrips;
use server::Server;

/// Round trips of a client whose socket shares a completion port with one that is flooded.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Milliseconds of each measurement
    #[arg(long, default_value_t = 300)]
    millis: u64,
    /// Times that each is measured; the best median of them is shown, as others can only make it worse
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Datagrams a second to the other socket, 0 for none
    #[arg(long, value_delimiter = ',', default_values_t = [0, 20_000, 100_000])]
    rates: Vec<u64>,
}

/// How the queue of the client waits, and how the other.
const POLICIES: [(Waiting, Waiting); 4] = [
    (Waiting::Latency, Waiting::Latency),
    (Waiting::Latency, Waiting::Balanced),
    (Waiting::Balanced, Waiting::Balanced),
    (Waiting::Balanced, Waiting::Throughput { at_most: Duration::from_micros(100) }),
];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    Machine::look().print();
    println!(
        "{:<8}{:<10}{:<18}{:>9}{:>12}{:>9}{:>9}{:>10}",
        "backend", "client", "beside", "beside/s", "trips/s", "p50 us", "p99 us", "gathered"
    );
    for choice in [BackendChoice::Uring, BackendChoice::Epoll] {
        if let Err(error) = backend::explain(choice) {
            println!("{choice} was not measured: {error}");
            continue;
        }
        for (client, beside) in POLICIES {
            for &rate in &options.rates {
                let mut best = None::<(RoundTrips, u64)>;
                for _ in 0..options.rounds.max(1) {
                    let found = measure(choice, (client, beside), rate, options.millis)?;
                    if best.is_none_or(|(best, _)| found.0.p50 < best.p50) {
                        best = Some(found);
                    }
                }
                let Some((trips, gathered)) = best else { continue };
                println!(
                    "{:<8}{:<10}{:<18}{rate:>9}{:>12.0}{:>9.1}{:>9.1}{gathered:>10}",
                    choice.to_string(),
                    client.to_string(),
                    beside.to_string(),
                    trips.rate,
                    trips.p50,
                    trips.p99,
                );
            }
        }
    }
    println!("gathered: waits of the client's queue that held completions back for more");
    Ok(())
}

fn measure(
    choice: BackendChoice,
    policies: (Waiting, Waiting),
    rate: u64,
    millis: u64,
) -> Result<(RoundTrips, u64), Failure> {
    let server = Server::start(choice, policies)?;
    let flood = flood::Flood::start(server.beside(), rate)?;
    let trips = client::run(server.answers(), Duration::from_millis(millis))?;
    flood.stop()?;
    let gathered = server.gathered();
    server.stop()?;
    Ok((trips, gathered))
}
