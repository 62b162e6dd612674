//! The `ringport` tool: generates load, serves, looks at the machine, and compares server designs.
//!
//! ```text
//!   cli        what can be asked for, and the sentences for what cannot
//!    |
//!    +-- send       the load generator          (a process of its own in a comparison)
//!    +-- serve      an echo or a sink
//!    +-- doctor     what this machine allows
//!    +-- compare    the driver: starts a receiver and a generator for each design and round
//!    +-- receiver   the process that is measured (a hidden subcommand)
//!    +-- remote     a comparison's generator on another machine: the agent there, the driver here
//!
//!   server (the library's), thread_each (what anybody writes first): what serve and receiver run
//!   protocol, payload, traffic, latency, figures, child, lines, output: shared below them
//!   sys: what differs from system to system, a folder for each
//! ```
#![deny(unsafe_code)]

mod allocator;
mod backend;
mod child;
mod cli;
mod compare;
mod doctor;
mod failure;
mod figures;
mod interrupt;
mod latency;
mod lines;
mod output;
mod payload;
mod protocol;
mod receiver;
mod remote;
mod send;
mod serve;
mod server;
mod sys;
mod thread_each;
mod traffic;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use failure::Failure;
use sys::{clock, descriptors};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => {
            // Help and version come this way too: they go to standard output and are no failure.
            let code = refusal.exit_code();
            let _ = refusal.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Some(Command::Compare(options)) => compare::run(&options),
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::Send(options)) => send::run(&options),
        Some(Command::Doctor(options)) => doctor::run(&options),
        Some(Command::Receiver(options)) => receiver::run(&options),
        None => compare::run(&cli.compare),
    }
}
