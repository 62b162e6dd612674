//! `ringport-streams`: stream servers of ringport beside echo servers written by hand and tokio's.
//!
//! ```text
//!   driver ──"512 connections, 64 bytes"──► load process ══ N connections ══► server process (one candidate)
//!     │  ◄──── how many, how long each ────┘                                    │
//!     └──── reads the processor time of the whole server process from outside ──┘
//! ```

mod candidate;
mod driver;
mod figures;
mod generator;
mod load;
mod measure;
mod options;
mod print;
mod serve;
mod setting;

use std::process::ExitCode;

use clap::Parser;
use ringport_stand::Failure;

use options::{Arguments, Role};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.role {
        None => driver::run(&arguments.options),
        Some(Role::Serve(server)) => serve::run(&server),
        Some(Role::Load { processor }) => generator::run(processor),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
