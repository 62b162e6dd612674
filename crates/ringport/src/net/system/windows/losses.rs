//! What does not come in: Windows counts no losses, and lets in what comes.

use std::os::windows::io::BorrowedSocket;

use super::offered::not_offered;
use crate::backend::sys::blocking;
use crate::net::SocketError;

/// Windows counts them for the whole machine only.
pub(in crate::net) fn drops(_: BorrowedSocket<'_>) -> Result<u32, SocketError> {
    Err(not_offered(
        "counting the datagrams lost at a socket",
        "compare what was sent with what was received, or watch the counters of the machine (netstat -s)",
    ))
}

/// There is nothing that keeps datagrams out of a bound socket and leaves those that are in it.
pub(in crate::net) fn refuse_new(_: BorrowedSocket<'_>) -> Result<(), SocketError> {
    Err(not_offered("closing a bound socket to new datagrams", "stop receiving, and drop the socket"))
}

/// Ends the blocking receives that wait now. The socket is not shut down, for nobody could take what is in it then.
pub(in crate::net) fn end_receives(socket: BorrowedSocket<'_>) {
    blocking::interrupt(socket);
}
