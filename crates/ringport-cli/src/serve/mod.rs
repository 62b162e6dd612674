//! `ringport serve`: an echo or a sink, in the few lines that the library takes.

mod figures;

use ringport::server::Datagram;
use serde::Serialize;

use crate::backend;
use crate::cli::ServeOptions;
use crate::failure::Failure;
use crate::output;
use crate::server;

/// The first line for machines: the server stands and can be sent to.
#[derive(Serialize)]
struct Listening {
    address: String,
    design: String,
    handler: &'static str,
}

/// Serves until Ctrl-C, then prints the figures.
pub(crate) fn run(options: &ServeOptions) -> Result<(), Failure> {
    let explanation = backend::explain(options.server.backend)?;
    let server = server::bind(&options.address, options.design, &options.server, options.slice_size)?
        .stop_on_signals();
    let started = if options.echo { server.start(echo) } else { server.start(|_: Datagram<'_>| ()) };
    // Told once it is true: every thread is ready, and Ctrl-C is watched for.
    let running = started.map_err(server::failure)?;
    let (handler, address) = (if options.echo { "echo" } else { "sink" }, running.local_addr().to_string());
    if options.json {
        output::json_line(&Listening { address, design: options.design.to_string(), handler })?;
    } else {
        let backend =
            if options.design.is_registered() { format!(" over {explanation}") } else { String::new() };
        output::note(&format!("{handler} at udp {address}, {}{backend}; Ctrl-C ends it", options.design));
    }
    let report = running.join().map_err(server::failure)?;
    if options.json {
        output::json_line(&figures::of(&report))?;
    } else {
        output::line(&report.to_string())?;
    }
    Ok(())
}

/// Sends back what came, from the memory it came in. Half a datagram is no echo: a truncated one is counted only.
fn echo(datagram: Datagram<'_>) {
    if !datagram.truncated() {
        datagram.reply();
    }
}
