//! A static HTTP/1.1 server: connections and files on one completion port.
//!
//! ```text
//!                         ┌────────────────────── CompletionPort ──────────────────────┐
//!   StreamListener ─► accepts ─┐                                                        │
//!   StreamSocket ─► receives ──┼─► PortQueue ─► Ready ──┐                               │
//!                └─► sends  ───┘                        ├─► a thread ─► the connection  │
//!   PortFile ─► reads into slices ─► Operation ─────────┘          │ posts the next     │
//!                         └────────────────────────────────────────┴────────────────────┘
//! ```
//!
//! `http-files ADDRESS DIRECTORY`, and `--help` for the rest. The bytes of a file are never copied: they are read into
//! the slice that is sent. A file that is sent costs two allocations, those of its handle on the port; an answer without
//! one, a refusal or to HEAD, costs none. The library makes a few more each time a peer's socket is full.
//!
//! | room | what it is for |
//! | --- | --- |
//! | `http` | requests and answers, as pure functions |
//! | `connection` | what a connection does next |
//! | `files` | the directory, and its borders |
//! | `house`, `table`, `door`, `population`, `limits` | what all share: queues, slots, accepts, memory |
//! | `worker`, `server` | the threads, start and stop |

mod arguments;
mod connection;
mod counters;
mod door;
mod files;
mod house;
mod http;
mod limits;
mod population;
mod server;
mod system;
mod table;
mod worker;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::server::Server;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http-files: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    system::raise_descriptor_limit();
    let stop = system::watch()?;
    let server = Server::open(&arguments.address, &arguments.directory, &arguments.options())?;
    let mut out = std::io::stdout();
    let backend = server.backend().map_or_else(String::new, |kind| format!(" ({kind})"));
    writeln!(out, "serving {} on http://{}/{backend}", arguments.directory.display(), server.address())?;
    out.flush()?;
    let counters = server.run(&stop);
    writeln!(out, "{counters}")?;
    Ok(())
}
