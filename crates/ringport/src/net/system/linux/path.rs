//! What the kernel knows of the way to a peer, and what routers and peers say about it.

use std::net::SocketAddr;

use super::told::each_family;
use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::{errno, error_queue, option};
use crate::net::path_mtu::PathMtu;
use crate::net::{ControlMessage, ControlMessages, Domain, PathError, SocketError};

/// The largest packet to the peer, whose way is over IPv4 or not.
pub(in crate::net) fn mtu(socket: BorrowedFd<'_>, v4: bool) -> Result<u32, SocketError> {
    let (level, name) =
        if v4 { (libc::IPPROTO_IP, libc::IP_MTU) } else { (libc::IPPROTO_IPV6, libc::IPV6_MTU) };
    option::get(socket, level, name).map_err(SocketError::system("reading the path MTU of a socket"))
}

/// Has errors kept.
pub(in crate::net) fn errors(socket: BorrowedFd<'_>, domain: Domain, on: bool) -> Result<(), SocketError> {
    // A dual-stack socket needs both options, each for its own family.
    let v4 = || option::set_switch(socket, libc::IPPROTO_IP, libc::IP_RECVERR, on);
    let v6 = || option::set_switch(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR, on);
    each_family(socket, domain, v4, v6).map_err(SocketError::system("asking for what becomes of datagrams"))
}

/// Takes the next that was kept.
pub(in crate::net) fn take_error(socket: BorrowedFd<'_>) -> Result<Option<PathError>, SocketError> {
    let failed = || SocketError::system("taking what became of datagrams");
    while let Some(error) = error_queue::take(socket).map_err(failed())? {
        let mut messages = ControlMessages::new(error.control());
        if let Some(said) = messages.find_map(|message| read(error.peer, message)) {
            return Ok(Some(said));
        }
    }
    Ok(None)
}

/// Reads one from its control message: `struct sock_extended_err`, whose first field is the error and whose third,
/// after four bytes of origin and kind, says more.
fn read(peer: SocketAddr, message: ControlMessage<'_>) -> Option<PathError> {
    const ERRORS: [(i32, i32); 2] =
        [(libc::IPPROTO_IP, libc::IP_RECVERR), (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)];
    let ControlMessage::Unknown { level, kind, data } = message else { return None };
    let word = |start: usize| data.get(start..)?.first_chunk().copied().map(u32::from_ne_bytes);
    let error = word(0).filter(|_| ERRORS.contains(&(level, kind)))? as i32;
    Some(match (error, word(8)) {
        (errno::EMSGSIZE, Some(packet)) => PathError::TooLarge { peer, mtu: told(packet, &peer) },
        _ => PathError::Unreachable { peer, error },
    })
}

/// What every link takes (RFC 791, RFC 8200).
const LEAST_V4: u32 = 68;
const LEAST_V6: u32 = 1280;

/// What a router said, who may be wrong, or no router at all: every way must take the least of its family.
fn told(packet: u32, peer: &SocketAddr) -> PathMtu {
    let v4 = peer.ip().to_canonical().is_ipv4();
    PathMtu::new(packet.max(if v4 { LEAST_V4 } else { LEAST_V6 }), peer)
}
