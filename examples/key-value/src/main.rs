//! An in-memory key-value server that speaks the Redis protocol.
//!
//! ```text
//!   TcpServer ─► Commands: where a command ends ─► Session ─► Words ─► commands ─► Store
//!                                                     └─ Reply ─► leaves with all replies of its batch
//! ```
//!
//! `key-value ADDRESS`, and `--help` for the rest. One thread serves all connections unless a design with more is asked
//! for. PING and GET allocate nothing; a value that is put allocates itself, and its key where that is new, unless it
//! fits where the one before it was.
//!
//! | room | what it is for |
//! | --- | --- |
//! | `protocol` | where a command ends, its words, the reply: pure functions over bytes |
//! | `commands` | what clients may ask for |
//! | `store` | keys, values, times |
//! | `session`, `house` | a connection, and what all of them share |

mod arguments;
mod commands;
mod descriptors;
mod house;
mod protocol;
mod session;
mod store;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use ringport::server::tcp::Message;
use ringport::{TcpServer, Waiting};

use crate::arguments::Arguments;
use crate::house::House;
use crate::protocol::Commands;
use crate::session::Session;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("key-value: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Clients of Redis send many commands before they wait. Taken together they cost less, and where nobody sends without
/// waiting the server finds that out and waits for nothing.
const WAITING: Waiting = Waiting::Balanced;

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    descriptors::raise_limit();
    let limits = arguments.limits();
    let mut server = TcpServer::bind(&arguments.address)?
        .framing(Commands::new(limits))
        .largest_reply(limits.largest)
        .waiting(WAITING)
        .design(arguments.design)
        .backend(arguments.backend)
        .max_connections(arguments.connections as usize)
        .idle_timeout(arguments.idle_time())
        .stop_on_signals()
        .name("key-value");
    if let Some(threads) = arguments.threads {
        server = server.threads(threads.into());
    }
    let house = Arc::new(House::new(limits, server.handle()));
    let running = server.start_with(move |_| {
        let mut session = Session::new(Arc::clone(&house));
        move |message: Message<'_>| session.answer(message)
    })?;
    let mut out = std::io::stdout();
    writeln!(out, "serving on {}", running.local_addr())?;
    out.flush()?;
    writeln!(out, "{}", running.join()?)?;
    Ok(())
}
