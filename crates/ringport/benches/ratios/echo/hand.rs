//! Echo servers by hand: a blocking one, and one over epoll.

use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::END;
use crate::Failure;

/// One call waits and receives, one sends.
pub(super) fn blocking(socket: UdpSocket) -> Result<(), Failure> {
    let mut bytes = [0; 2048];
    loop {
        let (length, peer) = socket.recv_from(&mut bytes)?;
        if length == END {
            return Ok(());
        }
        socket.send_to(bytes.get(..length).unwrap_or_default(), peer)?;
    }
}

/// One call waits, then calls until the socket is empty: edge-triggered, as the fastest do.
pub(super) fn epoll(socket: UdpSocket) -> Result<(), Failure> {
    socket.set_nonblocking(true)?;
    // SAFETY: the call takes no memory.
    let descriptor = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error().into());
    }
    // SAFETY: the descriptor was just opened and has no other owner.
    let epoll = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let mut event = libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET) as u32, u64: 0 };
    // SAFETY: both descriptors are open, and the call reads one event.
    let added =
        unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &mut event) };
    if added != 0 {
        return Err(io::Error::last_os_error().into());
    }
    let mut bytes = [0; 2048];
    loop {
        // SAFETY: the call writes at most one event.
        let found = unsafe { libc::epoll_wait(epoll.as_raw_fd(), &mut event, 1, -1) };
        if found < 0 {
            return Err(io::Error::last_os_error().into());
        }
        loop {
            match socket.recv_from(&mut bytes) {
                Ok((END, _)) => return Ok(()),
                Ok((length, peer)) => {
                    socket.send_to(bytes.get(..length).unwrap_or_default(), peer)?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
