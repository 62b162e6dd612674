//! The server process: one candidate, which sends back whatever it receives until the process ends.

mod bundle;
pub(crate) mod epoll;
mod group;
pub(crate) mod tokio;
pub(crate) mod uring;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use ringport_stand::part::ready;
use ringport_stand::process::pin;
use socket2::{Domain, Protocol, Socket, Type};

use crate::Failure;
use crate::candidate::Candidate;
use crate::options::Server;

/// Room that a receive has where the server brings it itself: more than the longest message, so that a receive
/// which is not filled says that nothing is left.
pub(crate) const ROOM: usize = 32 * 1024;

/// Connections that may wait to be accepted: all of them come at once.
const BACKLOG: i32 = 4096;

/// Runs the candidate.
pub(crate) fn run(server: &Server) -> Result<(), Failure> {
    pin(server.processor)?;
    let candidate = Candidate::named(&server.name).ok_or("no such candidate")?;
    let listener = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(BACKLOG)?;
    let listener = TcpListener::from(listener);
    ready(listener.local_addr()?)?;
    (candidate.run)(listener, server)
}
