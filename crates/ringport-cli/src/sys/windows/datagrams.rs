//! Sending many datagrams one after the other, and receiving without waiting.
//!
//! Windows has no call for many datagrams, so a batch is a send for each. What it has is `UDP_SEND_MSG_SIZE`: one buffer
//! that the network stack cuts into datagrams.

use std::io::{self, Read};
use std::os::windows::io::AsSocket;
use std::time::Duration;

use ringport::backend::tool;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::Socket;

/// What cuts one buffer into datagrams, and what sends many.
pub(crate) const SEGMENTATION: &str = "UDP_SEND_MSG_SIZE";
pub(crate) const BATCHES: &str = "a send for each datagram";

/// A full send queue is waited for so long before it counts as a loss.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes a new socket fit for this module: it does not wait, since no receive can be told not to.
pub(crate) fn prepare(socket: &Socket) -> io::Result<()> {
    socket.set_nonblocking(true)
}

/// Has the socket cut what it is given into datagrams of so many bytes; 0: not any more.
pub(crate) fn set_segment_size(socket: &Socket, bytes: usize) -> io::Result<()> {
    tool::cut_sends(socket.as_socket(), bytes as u32)
}

/// Sends what the kernel takes as one, and waits for room.
pub(crate) fn send(socket: &Socket, bytes: &[u8]) -> io::Result<()> {
    match socket.send(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            wait(&mut [PollFd::new(socket, PollFlags::WRNORM)], PATIENCE);
            socket.send(bytes).map(|_| ())
        }
        sent => sent.map(|_| ()),
    }
}

/// Receives a datagram, if there is one.
pub(crate) fn receive(socket: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
    (&mut &*socket).read(buffer)
}

/// Waits until one of the sockets has something to receive, at most so many nanoseconds, in whole milliseconds.
pub(crate) fn wait_for_any(sockets: &[Socket], nanoseconds: u64) {
    let mut watched: Vec<_> = sockets.iter().map(|socket| PollFd::new(socket, PollFlags::RDNORM)).collect();
    wait(&mut watched, Duration::from_millis(nanoseconds / 1_000_000));
}

fn wait(watched: &mut [PollFd<'_>], most: Duration) {
    // Whatever ends it, the caller looks for itself.
    let _ = poll(watched, Timespec::try_from(most).ok().as_ref());
}

/// Sends up to `MOST` datagrams.
pub(crate) struct Batch<const MOST: usize>;

impl<const MOST: usize> Batch<MOST> {
    pub(crate) fn new() -> Self {
        Batch
    }

    /// Sends the first `count` datagrams of so many bytes each, which lie end to end. Returns how many the kernel took.
    pub(crate) fn send(
        &mut self,
        socket: &Socket,
        bytes: &[u8],
        payload: usize,
        count: usize,
    ) -> io::Result<usize> {
        for index in 0..count {
            match send(socket, &bytes[index * payload..(index + 1) * payload]) {
                Ok(()) => {}
                // It belongs to the next call, which begins with the datagram that was refused.
                Err(_) if index > 0 => return Ok(index),
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }
}
