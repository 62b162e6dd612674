//! The process of a peer: its socket, its processor, and what it does with a datagram.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use ringport_stand::Failure;
use ringport_stand::part::{consume, counts, ready_to_tell, socket};
use ringport_stand::process::pin;
use socket2::{Domain, Protocol, Socket, Type};

use crate::load::Work;
use crate::options::Part;
use crate::peer;
use crate::stamp;

/// Connections that may wait to be accepted: all of them come at once.
const BACKLOG: i32 = 4096;

/// What the driver asks for instead of the counts.
pub(crate) const DELAYS: &str = "delays";

/// Runs one peer until the process ends.
pub(crate) fn run(part: &Part) -> Result<(), Failure> {
    pin(part.processor)?;
    let peer = peer::named(&part.peer).ok_or("no such peer")?;
    match part.work {
        Work::Receive | Work::Echo => {
            let socket = socket(part.socket_buffer)?;
            ready_to_tell(socket.local_addr()?, answer)?;
            if part.work == Work::Receive { peer.receive(socket) } else { peer.echo(socket) }
        }
        Work::Streams => {
            let listener = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
            listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
            listener.listen(BACKLOG)?;
            let listener = TcpListener::from(listener);
            ready_to_tell(listener.local_addr()?, answer)?;
            peer.streams(listener)
        }
    }
}

/// Looks at a datagram as a program would, counts it, and notes how long it was under way if it says when it was sent.
/// Called by one thread.
#[inline]
pub(crate) fn see(payload: &[u8], peer: SocketAddr) {
    consume(0, payload, peer);
    stamp::look(payload);
}

fn answer(question: &str) -> String {
    if question == DELAYS { stamp::take().to_string() } else { counts() }
}
