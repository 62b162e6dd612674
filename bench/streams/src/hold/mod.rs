//! Many connections that say nothing: what each costs a server in memory, and all of them in processor time.
//!
//! ```text
//!   first one ──► look ──► connect, one echo on each ──► look ──► idle for some seconds ──► close ──► look
//!   stays open              so that each was in use                                      all but the first
//! ```

mod clients;
mod print;

use std::time::{Duration, Instant};

use clap::Args;
use ringport_stand::Failure;
use ringport_stand::memory::Look;
use ringport_stand::process::cpu_of;
use serde::Serialize;

use crate::driver::Run;
use crate::serve::Server;
use clients::Clients;

/// How many, and how long.
#[derive(Debug, Args)]
pub(crate) struct HoldOptions {
    /// Idle connections to hold [default: 10000; 100 if quick]
    #[arg(long, value_name = "CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=200_000))]
    hold: Option<u32>,
    /// Seconds that they are idle; after 5 minutes servers of the library would close them [default: 5; 1 if quick]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=240))]
    idle: Option<u64>,
}

/// Descriptors that a process has besides its connections, at most.
const BESIDES: u64 = 128;
/// The most that a connection may take beside what is reserved for it, in bytes.
const BESIDE_RESERVE: f64 = 1024.0;
/// A server has so long to notice that its connections are closed.
const NOTICE: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(10);

/// One server with idle connections.
#[derive(Debug, Serialize)]
pub(crate) struct Held {
    candidate: &'static str,
    connections: u32,
    before: Look,
    held: Look,
    closed: Look,
    /// Growth of what the process shares in proportion, and of what it has in memory, a connection.
    pss_bytes_per_connection: f64,
    rss_bytes_per_connection: f64,
    /// What the server says it has set aside, a connection; absent where it says nothing.
    reserved_bytes_per_connection: Option<f64>,
    /// Whether the growth is within that and [`BESIDE_RESERVE`].
    meets: Option<bool>,
    idle_s: f64,
    idle_cpu_ms: f64,
}

/// Measures and prints.
pub(crate) fn run(run: &mut Run<'_>) -> Result<Vec<Held>, Failure> {
    let (options, quick) = (run.options, run.options.is_quick());
    let wished = options.hold.hold.unwrap_or(if quick { 100 } else { 10_000 });
    let idle = Duration::from_secs(options.hold.idle.unwrap_or(if quick { 1 } else { 5 }));
    // Children inherit the limit.
    let allowed = clients::raise_limit(u64::from(wished) + BESIDES)?.saturating_sub(BESIDES);
    let connections = wished.min(u32::try_from(allowed).unwrap_or(u32::MAX));
    if connections < wished {
        run.notes.push(format!("held {connections} of {wished} connections: more descriptors are refused"));
    }
    let wanted = options.echo.holders();
    let mut held = Vec::new();
    for candidate in wanted.iter().filter(|candidate| candidate.obstacle().is_none()) {
        eprintln!("hold: {}", candidate.name);
        let measured = hold(candidate.name, connections, idle, run);
        held.push(measured.map_err(|error| format!("{}: {error}", candidate.name))?);
    }
    print::held(&held);
    Ok(held)
}

fn hold(name: &'static str, connections: u32, idle: Duration, run: &Run<'_>) -> Result<Held, Failure> {
    let servers_on = run.processors.map(|(_, server)| server);
    let (mut server, port) = Server::start(name, connections as usize + 1, &run.options.echo, servers_on)?;
    let pid = server.pid();
    // What a server makes for its first connection is no cost of the others. It stays open, as a server notices a
    // close only some time later.
    let _first = Clients::connect(port, 1)?;
    let before = Look::at(pid)?;
    let reserved = server.ask("reserved")?.parse::<f64>().ok();
    let clients = Clients::connect(port, connections)?;
    let held = Look::at(pid)?;
    let reserved = reserved.zip(server.ask("reserved")?.parse::<f64>().ok());
    let (used, start) = (cpu_of(pid)?, Instant::now());
    std::thread::sleep(idle);
    let (used, idle) = (cpu_of(pid)? - used, start.elapsed());
    drop(clients);
    let (mut closed, end) = (Look::at(pid)?, Instant::now() + NOTICE);
    while closed.descriptors > before.descriptors && Instant::now() < end {
        std::thread::sleep(GLANCE);
        closed = Look::at(pid)?;
    }
    let each = |after: u64, before: u64| (after as f64 - before as f64) * 1024.0 / f64::from(connections);
    let pss = each(held.pss_kib, before.pss_kib);
    let reserved = reserved.map(|(before, after)| (after - before) / f64::from(connections));
    Ok(Held {
        candidate: name,
        connections,
        pss_bytes_per_connection: pss,
        reserved_bytes_per_connection: reserved,
        meets: reserved.map(|reserved| pss <= reserved + BESIDE_RESERVE),
        rss_bytes_per_connection: each(held.rss_kib, before.rss_kib),
        before,
        held,
        closed,
        idle_s: idle.as_secs_f64(),
        idle_cpu_ms: used as f64 / 1e6,
    })
}
