//! Which socket a descriptor is of: copies of a descriptor are the same socket.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::checked;

/// Names an open socket among all of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    device: u64,
    number: u64,
}

/// Finds it. Each open of a file has no identity of its own, so this is for sockets.
pub(crate) fn identity(socket: BorrowedFd<'_>) -> io::Result<Identity> {
    // SAFETY: stat is a plain C structure of integers; all zeroes is a valid value.
    let mut status: libc::stat64 = unsafe { std::mem::zeroed() };
    // SAFETY: `status` is valid for writing.
    checked(unsafe { libc::fstat64(socket.as_raw_fd(), &mut status) })?;
    Ok(Identity { device: status.st_dev as _, number: status.st_ino as _ })
}

impl Identity {
    /// Whether `is` says so of what is known of this socket.
    pub(crate) fn any<T>(self, known: &HashMap<Identity, T>, is: impl Fn(&T) -> bool) -> bool {
        known.get(&self).is_some_and(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    #[test]
    fn a_copy_is_the_same_socket_and_another_is_not() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let copy = socket.try_clone().unwrap();
        assert_eq!(identity(socket.as_fd()).unwrap(), identity(copy.as_fd()).unwrap());
        assert_ne!(identity(socket.as_fd()).unwrap(), identity(other.as_fd()).unwrap());
    }
}
