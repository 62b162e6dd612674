//! Building a server of the library from options of the command line, for `serve` and for the receiver.

use std::fmt::Debug;
use std::net::ToSocketAddrs;

use ringport::server::ServerError;
use ringport::{Design, TcpServer, UdpServer};

use crate::cli::{Offload, ServerOptions};
use crate::descriptors;
use crate::failure::Failure;

/// Binds a server at these addresses, of which there is at least one.
pub(crate) fn bind<A: ToSocketAddrs + Debug>(
    addresses: impl IntoIterator<Item = A>,
    design: Design,
    options: &ServerOptions,
    slice_size: usize,
) -> Result<UdpServer, Failure> {
    let mut addresses = addresses.into_iter();
    let most = addresses.size_hint().1.unwrap_or(0) * sockets_on_each(design, options);
    descriptors::make_room(most as u64, "sockets")?;
    let first = addresses.next().ok_or_else(|| Failure::usage("a server needs an address: HOST:PORT"))?;
    let mut server = UdpServer::bind(first).map_err(failure)?;
    for address in addresses {
        server = server.also_bind(address).map_err(failure)?;
    }
    server = server
        .design(design)
        .backend(options.backend)
        .socket_buffer(options.socket_buffer())
        .slice_size(slice_size)
        .concurrency(options.concurrency.into())
        .queues(options.queues.into())
        .ordered(options.ordered);
    if let Some(threads) = options.threads {
        server = server.threads(threads.into());
    }
    if let Some(pending) = options.pending {
        server = server.pending(pending as usize);
    }
    if let Some(most) = options.max_results {
        server = server.max_results(most as usize);
    }
    if let Some(offload) = options.offload {
        server = server.receive_offload(offload == Offload::On);
    }
    if let Some(waiting) = options.waiting {
        server = server.waiting(waiting);
    }
    if let Some(threshold) = options.threshold {
        server = server.threshold(threshold as usize);
    }
    Ok(server)
}

/// How many sockets a server has on each of its addresses.
fn sockets_on_each(design: Design, options: &ServerOptions) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    match design.is_sharded() {
        true => options.threads.map_or_else(processors, usize::from),
        false => options.queues.into(),
    }
}

/// Binds a TCP server at `address`, which may have as many connections as files are allowed to be open.
pub(crate) fn bind_tcp(
    address: impl ToSocketAddrs + Debug,
    design: Design,
    options: &ServerOptions,
    connections: Option<u64>,
) -> Result<TcpServer, Failure> {
    let mut server = TcpServer::bind(address)
        .map_err(failure)?
        .design(design)
        .backend(options.backend)
        .concurrency(options.concurrency.into());
    if let Some(connections) = connections {
        descriptors::make_room(connections, "connections")?;
        server = server.max_connections(usize::try_from(connections).unwrap_or(usize::MAX));
    }
    if let Some(threads) = options.threads {
        server = server.threads(threads.into());
    }
    if let Some(waiting) = options.waiting {
        server = server.waiting(waiting);
    }
    if let Some(threshold) = options.threshold {
        server = server.threshold(threshold as usize);
    }
    Ok(server)
}

/// The library's error as the tool's: its options are ours, so what it refuses of them is wrong usage.
pub(crate) fn failure(error: ServerError) -> Failure {
    match error {
        ServerError::Option { .. } => Failure::usage(error.to_string()),
        _ => Failure::failed(error.to_string()),
    }
}
