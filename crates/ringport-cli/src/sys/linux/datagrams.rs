//! Sending many datagrams at once, and receiving without waiting.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::socket::{MsgFlags, MultiHeaders, recv, sendmmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use socket2::Socket;

/// What cuts one buffer into datagrams, and what sends many with one call.
pub(crate) const SEGMENTATION: &str = "UDP_SEGMENT";
pub(crate) const BATCHES: &str = "sendmmsg";

/// Makes a new socket fit for this module.
pub(crate) fn prepare(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

/// Has the socket cut what it is given into datagrams of so many bytes; 0: not any more.
pub(crate) fn set_segment_size(socket: &Socket, bytes: usize) -> io::Result<()> {
    Ok(setsockopt(socket, sockopt::UdpGsoSegment, &(bytes as i32))?)
}

/// Sends what the kernel takes as one.
pub(crate) fn send(socket: &Socket, bytes: &[u8]) -> io::Result<()> {
    socket.send(bytes).map(|_| ())
}

/// Receives a datagram, if there is one.
pub(crate) fn receive(socket: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
    Ok(recv(socket.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT)?)
}

/// Waits until one of the sockets has something to receive, at most so many nanoseconds.
pub(crate) fn wait_for_any(sockets: &[Socket], nanoseconds: u64) {
    let mut descriptors: Vec<_> =
        sockets.iter().map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
    let left = TimeSpec::new((nanoseconds / 1_000_000_000) as i64, (nanoseconds % 1_000_000_000) as i64);
    // Whatever ends it, the caller looks for itself.
    let _ = ppoll(&mut descriptors, Some(left), None);
}

/// What a call for `MOST` datagrams needs.
pub(crate) struct Batch<const MOST: usize> {
    headers: MultiHeaders<()>,
}

impl<const MOST: usize> Batch<MOST> {
    pub(crate) fn new() -> Self {
        Batch { headers: MultiHeaders::preallocate(MOST, None) }
    }

    /// Sends the first `count` datagrams of so many bytes each, which lie end to end. Returns how many the kernel took.
    pub(crate) fn send(
        &mut self,
        socket: &Socket,
        bytes: &[u8],
        payload: usize,
        count: usize,
    ) -> io::Result<usize> {
        let slices: [[IoSlice<'_>; 1]; MOST] = std::array::from_fn(|index| {
            let start = if index < count { index * payload } else { 0 };
            [IoSlice::new(&bytes[start..start + payload])]
        });
        let addresses = [None; MOST];
        let sent = sendmmsg(
            socket.as_raw_fd(),
            &mut self.headers,
            &slices[..count],
            &addresses[..count],
            [],
            MsgFlags::empty(),
        )?;
        Ok(sent.count())
    }
}
