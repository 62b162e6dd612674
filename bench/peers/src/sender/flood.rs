//! As fast as one thread sends. Nothing of it carries a time stamp: it would tell how full the socket was.

use std::net::UdpSocket;
use std::time::Instant;

use nix::sys::socket::{setsockopt, sockopt::UdpGsoSegment};
use ringport_stand::Failure;

use super::SEGMENTS;

/// Calls between looks at the clock.
const STRIDE: u64 = 32;
/// Bytes that one call can take.
const LARGEST: usize = 65_507;

/// One call a datagram.
pub(super) fn plain(socket: &UdpSocket, bytes: usize, end: Instant) -> Result<u64, Failure> {
    let payload = vec![0; bytes];
    let mut datagrams = 0;
    while Instant::now() < end {
        for _ in 0..STRIDE {
            socket.send(&payload)?;
        }
        datagrams += STRIDE;
    }
    Ok(datagrams)
}

/// One call for as many datagrams as it can take.
pub(super) fn segmented(socket: &UdpSocket, bytes: usize, end: Instant) -> Result<u64, Failure> {
    let segments = SEGMENTS.min(LARGEST / bytes);
    setsockopt(socket, UdpGsoSegment, &i32::try_from(bytes)?)?;
    let payload = vec![0; bytes * segments];
    let mut calls = 0;
    while Instant::now() < end {
        socket.send(&payload)?;
        calls += 1;
    }
    Ok(calls * segments as u64)
}
