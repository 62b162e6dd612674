//! `ringport-streams`: stream servers of ringport beside echo servers written by hand, tokio's, and a real Redis.
//!
//! ```text
//!   driver ──"512 connections, 64 bytes"──► load process ══ N connections ══► server process (one candidate)
//!     │  ◄──── how many, how long each ────┘                                    │
//!     └──── reads processor time and memory of the whole server from outside ───┘
//! ```
//!
//! Three parts: `echo` is what a message costs, `hold` what an idle connection costs, and `redis` is how fast a whole
//! application answers.

mod driver;
mod echo;
mod hold;
mod options;
mod redis;
mod serve;
mod setting;

use std::process::ExitCode;

use clap::Parser;

use options::{Arguments, Role};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.role {
        None => driver::run(&arguments.options),
        Some(Role::Serve(server)) => serve::run(&server),
        Some(Role::Load { processor }) => ringport_stand::clients::run(processor),
        Some(Role::Become(other)) => redis::program::become_it(&other),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
