//! Which socket a descriptor is of.

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket, RawSocket};

/// Names an open socket in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(RawSocket);

/// Finds it.
pub(crate) fn identity(socket: BorrowedSocket<'_>) -> io::Result<Identity> {
    Ok(Identity(socket.as_raw_socket()))
}
