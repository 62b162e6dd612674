//! The sharded designs: a socket a thread on one port, peers spread over them by the kernel.

use crate::net::{SocketError, UdpSocket};

/// Whether this system spreads peers over the sockets of a port. `SO_REUSEADDR` of Windows lets several sockets have one
/// port, too, and leaves open which of them gets a datagram.
pub(in crate::server) const SPREADS: bool = cfg!(target_os = "linux");

/// Opens `count` more sockets on the port of `first`, and lets others join it there.
///
/// The first was bound alone, so an address in use by another program was found; only then it is opened to its
/// group. A multicast datagram goes to every socket that has its group, and every socket of Linux has the
/// groups of the others unless told otherwise: so the first alone joins groups.
pub(in crate::server) fn open(
    first: &UdpSocket,
    count: usize,
    buffer: usize,
) -> Result<Vec<UdpSocket>, SocketError> {
    first.reuse_port(true)?;
    let address = first.local_addr()?;
    let builder = UdpSocket::builder().reuse_port(true).receive_buffer(buffer);
    let mut others = Vec::with_capacity(count);
    for _ in 0..count {
        let socket = builder.bind(address)?;
        // An old kernel without the switch gives each thread a copy of a group's datagrams; nothing else.
        let _ = socket.multicast_all(false);
        others.push(socket);
    }
    Ok(others)
}
