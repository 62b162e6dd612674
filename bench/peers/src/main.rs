//! `ringport-peers`: the library beside other ways to receive datagrams.
//!
//! ```text
//!   driver ──"flood, 250 ms"──► sender process ──datagrams──► receiver process (one candidate)
//!     │  ◄──── what was sent ────┘                                 │
//!     ├──── "count" ──────────────────────────────────────────────►│
//!     └──── reads the processor time of the whole process from outside
//! ```
//!
//! Driver, sender and receivers are this one program, started again with another word.

mod candidate;
mod driver;
mod echo;
mod figures;
mod load;
mod measure;
mod options;
mod print;
mod receive;
mod sender;
mod setting;
mod verdict;

use std::process::ExitCode;

use clap::Parser;
use ringport_stand::Failure;

use options::{Arguments, Role};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.role {
        None => driver::run(&arguments.options),
        Some(Role::Receive(part)) => receive::run(&part),
        Some(Role::Echo(part)) => echo::run(&part),
        Some(Role::Send { processor }) => sender::run(processor),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
