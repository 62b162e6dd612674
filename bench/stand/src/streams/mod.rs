//! Echo servers over TCP that are compared with the library: by hand, and tokio.
//!
//! Each is one thread, which sends back whatever it receives until the process ends.

mod bundle;
pub mod epoll;
mod group;
#[cfg(feature = "tokio")]
pub mod tokio;
pub mod uring;

use std::io::{self, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Room that a receive has where the server brings it itself: more than the longest message, so that a receive
/// which is not filled says that nothing is left.
pub const ROOM: usize = 32 * 1024;

/// Slices that all connections share, where the kernel chooses them.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// How many: a power of two.
    pub slices: u16,
    /// Bytes of each.
    pub slice: usize,
}

/// Sends all of it, and waits for room where there is too little: with one message outstanding there hardly ever is.
pub fn send_all(stream: &mut TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
