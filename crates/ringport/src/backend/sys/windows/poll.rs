//! Waiting for one socket.

use std::io;
use std::os::windows::io::BorrowedSocket;
use std::time::Duration;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Something to read.
    #[cfg(test)]
    Read,
    /// Room to write.
    Write,
}

/// Waits until the socket is ready.
pub(crate) fn poll(_: BorrowedSocket<'_>, _: Interest, _: Option<Duration>) -> io::Result<bool> {
    Ok(true)
}
