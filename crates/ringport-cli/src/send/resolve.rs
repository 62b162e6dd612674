//! The address that a run goes to, from the name that was given.

use std::net::{SocketAddr, ToSocketAddrs};

use crate::failure::Failure;

/// Looks up HOST:PORT.
pub(crate) fn look_up(address: &str) -> Result<SocketAddr, Failure> {
    let found = address.to_socket_addrs().map_err(|error| {
        Failure::failed(format!(
            "no address found for '{address}': {error}; is the name right, and the network up?"
        ))
    })?;
    // IPv4 first: a server bound to 127.0.0.1 is the commoner meaning of "localhost".
    let mut candidates: Vec<_> = found.collect();
    candidates.sort_by_key(SocketAddr::is_ipv6);
    let target = candidates
        .into_iter()
        .next()
        .ok_or_else(|| Failure::failed(format!("the name in '{address}' has no address")))?;
    if target.port() == 0 {
        return Err(Failure::usage("port 0 cannot be sent to: give the port the server listens on"));
    }
    Ok(target)
}
