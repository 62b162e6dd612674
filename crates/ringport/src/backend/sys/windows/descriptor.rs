//! What names an open socket, and who owns it, by the names that shared code has for it.
//!
//! A socket of Windows is a descriptor in the words of its manual, and a handle in those of its kernel. Files are
//! handles only, so they have no part in this.

use std::os::windows::io::{AsRawSocket, AsSocket};
pub(crate) use std::os::windows::io::{
    BorrowedSocket as BorrowedFd, OwnedSocket as OwnedFd, RawSocket as RawFd,
};

/// Lends the descriptor of a socket.
pub(crate) trait AsFd {
    /// See the trait.
    fn as_fd(&self) -> BorrowedFd<'_>;
}

impl<S: AsSocket> AsFd for S {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.as_socket()
    }
}

/// Tells the number of a socket.
pub(crate) trait AsRawFd {
    /// See the trait.
    fn as_raw_fd(&self) -> RawFd;
}

impl<S: AsRawSocket> AsRawFd for S {
    #[inline]
    fn as_raw_fd(&self) -> RawFd {
        self.as_raw_socket()
    }
}
