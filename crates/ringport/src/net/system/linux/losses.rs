//! What does not come in: what was lost, and what is refused.

use std::net::Shutdown;

use socket2::SockRef;

use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;
use crate::net::SocketError;

/// The numbers of SO_MEMINFO, of which the last is the one wanted.
const NUMBERS: usize = 9;

/// The datagrams that were lost at the socket.
pub(in crate::net) fn drops(socket: BorrowedFd<'_>) -> Result<u32, SocketError> {
    let numbers: [u32; NUMBERS] = option::get(socket, libc::SOL_SOCKET, libc::SO_MEMINFO)
        .map_err(SocketError::system("reading the losses of a socket"))?;
    Ok(numbers[NUMBERS - 1])
}

/// Lets nothing new in.
pub(in crate::net) fn refuse_new(socket: BorrowedFd<'_>) -> Result<(), SocketError> {
    option::attach_filter_of_nothing(socket).map_err(SocketError::system("closing a socket to new datagrams"))
}

/// Ends blocking receives once the socket is empty. The kernel says that a socket without a peer cannot be shut down,
/// and does so all the same.
pub(in crate::net) fn end_receives(socket: BorrowedFd<'_>) {
    let _ = SockRef::from(&socket).shutdown(Shutdown::Read);
}
