//! `ringport serve`: an echo or a sink, in the few lines that the library takes.

mod figures;

use std::net::SocketAddr;

use ringport::server::Datagram;
use ringport::server::tcp::Message;
use serde::Serialize;
use serde_json::Value;

use crate::backend;
use crate::cli::{ServeOptions, designs, fitting};
use crate::failure::Failure;
use crate::output;
use crate::protocol::Protocol;
use crate::server;

/// The longest datagram taken whole, unless told otherwise.
const SLICE_SIZE: usize = 2048;

/// The first line for machines: the server stands and can be sent to.
#[derive(Serialize)]
struct Listening {
    /// The first of those.
    address: String,
    addresses: Vec<String>,
    design: String,
    handler: &'static str,
}

/// Serves until Ctrl-C, then prints the figures.
pub(crate) fn run(options: &ServeOptions) -> Result<(), Failure> {
    fitting::check_server(&options.server, options.protocol)?;
    match options.protocol {
        Protocol::Udp => udp(options),
        Protocol::Tcp => tcp(options),
    }
}

fn udp(options: &ServeOptions) -> Result<(), Failure> {
    if options.max_connections.is_some() {
        return Err(Failure::usage("--max-connections is for TCP: a UDP server has no connections"));
    }
    let slice_size = options.slice_size.unwrap_or(SLICE_SIZE);
    let server =
        server::bind(&options.addresses, options.design, &options.server, slice_size)?.stop_on_signals();
    let started = if options.echo { server.start(echo) } else { server.start(|_: Datagram<'_>| ()) };
    // Told once it is true: every thread is ready, and Ctrl-C is watched for.
    let running = started.map_err(server::failure)?;
    tell_that_it_stands(options, &running.local_addrs())?;
    let report = running.join().map_err(server::failure)?;
    tell_the_end(options, figures::of(&report), &report)
}

fn tcp(options: &ServeOptions) -> Result<(), Failure> {
    designs::check_served(options.design)?;
    let [address] = &options.addresses[..] else {
        return Err(Failure::usage("several addresses are for UDP: a TCP server listens at one"));
    };
    let mut server = server::bind_tcp(address, options.design, &options.server, options.max_connections)?
        .stop_on_signals();
    if let Some(bytes) = options.slice_size {
        server = server.slice_size(bytes).largest_reply(bytes);
    }
    let started = if options.echo {
        // What does not fit into what a connection may still send cannot come: a handler is called when it fits.
        server.start(|message: Message<'_>| _ = message.echo())
    } else {
        server.start(|_: Message<'_>| ())
    };
    let running = started.map_err(server::failure)?;
    tell_that_it_stands(options, &[running.local_addr()])?;
    let report = running.join().map_err(server::failure)?;
    tell_the_end(options, figures::of_streams(&report), &report)
}

fn tell_that_it_stands(options: &ServeOptions, addresses: &[SocketAddr]) -> Result<(), Failure> {
    let addresses: Vec<_> = addresses.iter().map(SocketAddr::to_string).collect();
    let (handler, design) = (if options.echo { "echo" } else { "sink" }, options.design);
    if options.json {
        let address = addresses.first().cloned().unwrap_or_default();
        output::json_line(&Listening { address, addresses, design: design.to_string(), handler })?;
        return Ok(());
    }
    let backend = match design.is_registered() {
        true => format!(" over {}", backend::reason(options.server.backend, options.protocol)?),
        false => String::new(),
    };
    let protocol = options.protocol.name();
    let addresses = addresses.join(", ");
    output::note(&format!("{handler} at {protocol} {addresses}, {design}{backend}; Ctrl-C ends it"));
    Ok(())
}

fn tell_the_end(
    options: &ServeOptions,
    figures: Value,
    words: &impl std::fmt::Display,
) -> Result<(), Failure> {
    if options.json {
        output::json_line(&figures)?;
    } else {
        output::line(&words.to_string())?;
    }
    Ok(())
}

/// Sends back what came, from the memory it came in. Half a datagram is no echo: a truncated one is counted only.
fn echo(datagram: Datagram<'_>) {
    if !datagram.truncated() {
        datagram.reply();
    }
}
