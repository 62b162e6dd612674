//! `ringport-designs`: the server designs of the library beside the same designs written by hand.
//!
//! ```text
//!   driver ──"plain, 300 ms"──► sender process ──flood──► receiver process (one candidate, 8 threads)
//!     │  ◄──── what was sent ────┘                            │
//!     ├──── "count" ─────────────────────────────────────────►│
//!     └──── reads processor time and context switches of the whole process from outside
//! ```
//!
//! Two parts: `baselines` shows whether the library's plain designs cost what a good engineer would pay for the same
//! design by hand; `moving` compares ways to let one registered queue move between threads.

mod candidate;
mod driver;
mod figures;
mod measure;
mod moving;
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
