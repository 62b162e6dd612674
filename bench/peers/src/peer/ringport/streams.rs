//! The library's server of streams in its default design: every message goes back as it came, in the slices it came in.

use std::net::TcpListener;

use ringport::{StreamListener, TcpServer};
use ringport_stand::Failure;
use ringport_stand::streams::ROOM;

use super::Ringport;

/// More than any load opens.
const CONNECTIONS: usize = 1024;

pub(super) fn serve(listener: TcpListener, peer: &Ringport) -> Result<(), Failure> {
    let server = TcpServer::from_listener(StreamListener::from(listener))?
        .backend(peer.backend)
        .max_connections(CONNECTIONS)
        .slice_size(ROOM)
        .largest_reply(ROOM);
    server.run(|message| {
        // A client that is gone shows as the end of its connection.
        let _ = message.echo();
    })?;
    Ok(())
}
