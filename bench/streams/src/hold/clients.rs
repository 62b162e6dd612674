//! The other ends of idle connections. They are the driver's own: it has nothing else to do.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use ringport_stand::Failure;
use socket2::{Domain, Protocol, Socket, Type};

/// Connections from one source address: one has fewer ports than there may be connections.
const PER_ADDRESS: u32 = 20_000;
/// A server that does not answer for so long is broken.
const SILENCE: Duration = Duration::from_secs(5);

/// Connections, each of which was in use once.
pub(super) struct Clients {
    _streams: Vec<TcpStream>,
}

impl Clients {
    /// Connects from as many addresses of the loopback network as need be, and has one message echoed on each.
    pub(super) fn connect(port: u16, connections: u32) -> Result<Clients, Failure> {
        let mut streams = Vec::with_capacity(connections as usize);
        for number in 0..connections {
            let source = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + number / PER_ADDRESS);
            let mut stream = connect(source, port)
                .map_err(|error| format!("connection {} of {connections}: {error}", number + 1))?;
            let mut message = [0x5a; 64];
            stream.write_all(&message)?;
            stream.read_exact(&mut message)?;
            streams.push(stream);
        }
        Ok(Clients { _streams: streams })
    }
}

fn connect(source: Ipv4Addr, port: u16) -> Result<TcpStream, Failure> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    // The port is chosen when the destination is known, so that it may serve several.
    setsockopt(&socket, IpBindAddressNoPort, &true)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.set_read_timeout(Some(SILENCE))?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    Ok(socket.into())
}

/// Allows this process and its children `wanted` descriptors, or as many as may be; returns how many they have.
pub(super) fn raise_limit(wanted: u64) -> Result<u64, Failure> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= wanted {
        return Ok(soft);
    }
    // Above the hard limit only who is privileged may go.
    for (soft, hard) in [(wanted, hard.max(wanted)), (hard.min(wanted), hard)] {
        if setrlimit(Resource::RLIMIT_NOFILE, soft, hard).is_ok() {
            return Ok(soft);
        }
    }
    Ok(soft)
}
