//! Waiting for one descriptor.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use super::checked;
use super::clock::timespec;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Something to read; the queues learn of that in their own ways.
    #[cfg(test)]
    Read,
    /// Room to write.
    Write,
}

/// Waits until `descriptor` is ready, has an error or was hung up: `true`; or until the time is over:
/// `false`. Without a time it waits for ever. A signal ends the wait with [`io::ErrorKind::Interrupted`].
pub(crate) fn poll(
    descriptor: BorrowedFd<'_>,
    interest: Interest,
    time: Option<Duration>,
) -> io::Result<bool> {
    let events = match interest {
        #[cfg(test)]
        Interest::Read => libc::POLLIN,
        Interest::Write => libc::POLLOUT,
    };
    let mut one = libc::pollfd { fd: descriptor.as_raw_fd(), events, revents: 0 };
    let time = time.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: `one` is one valid entry; `time` is null or points at a value that outlives the call; a null
    // signal mask leaves the mask alone.
    let ready = checked(unsafe { libc::ppoll(&mut one, 1, time, std::ptr::null()) })?;
    Ok(ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    #[test]
    fn a_socket_is_writable_at_once_and_readable_after_a_datagram() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(poll(socket.as_fd(), Interest::Write, None).unwrap());
        assert!(!poll(socket.as_fd(), Interest::Read, Some(Duration::from_nanos(1))).unwrap());
        socket.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        assert!(poll(socket.as_fd(), Interest::Read, None).unwrap());
    }
}
