//! The library's server: every message goes back as it came, in the slices it came in.

use std::net::TcpListener;

use ringport::{StreamListener, TcpServer};
use ringport_stand::Failure;

use super::{Server, reserved};

pub(crate) fn run(listener: TcpListener, server: &Server) -> Result<(), Failure> {
    let slice = server.slice;
    let server = TcpServer::from_listener(StreamListener::from(listener))?
        .backend(server.backend())
        .max_connections(server.connections)
        .slice_size(slice)
        .largest_reply(slice);
    let handle = server.handle();
    reserved::told_by(move || handle.counters().slices_reserved * slice as u64);
    server.run(|message| {
        // A peer that is gone shows as the end of its connection.
        let _ = message.echo();
    })?;
    Ok(())
}
