//! `ringport-peers`: the library beside other ways to receive and to answer.
//!
//! ```text
//!   driver ──"flood, 150 ms"──► sender process ──datagrams──► peer process (one candidate)
//!     │  ◄──── what was sent ────┘                                 │
//!     ├──── "count", "delays" ────────────────────────────────────►│
//!     └──── reads the processor time of the whole process from outside
//! ```
//!
//! Driver, sender, the clients of streams and the peers are this one program, started again with another word.

mod curves;
mod document;
mod driver;
mod figures;
mod load;
mod measure;
mod options;
mod order;
mod peer;
mod print;
mod receiver;
mod report;
mod sender;
mod setting;
mod stamp;
mod targets;
mod undisturbed;

use std::process::ExitCode;

use clap::Parser;

use options::{Arguments, Role};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.role {
        None => driver::run(&arguments.options),
        Some(Role::Peer(part)) => receiver::run(&part),
        Some(Role::Send { processor }) => sender::run(processor),
        Some(Role::Connect { processor }) => ringport_stand::clients::run(processor),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
