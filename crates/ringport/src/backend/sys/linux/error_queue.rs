//! The errors that a socket keeps about datagrams it sent (`MSG_ERRQUEUE`).

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::backend::datagram::last_error;
use crate::backend::sys::address;

/// Room for what the kernel says about an error, with the router that said it, and the time beside it.
const CONTROL: usize = 256;

/// One of them.
pub(crate) struct QueuedError {
    /// Where the datagram was sent to.
    pub(crate) peer: SocketAddr,
    control: [u8; CONTROL],
    length: usize,
}

impl QueuedError {
    /// The control messages, of which one is the error.
    pub(crate) fn control(&self) -> &[u8] {
        self.control.get(..self.length).unwrap_or_default()
    }
}

/// Takes the next one, without waiting. One whose peer is unknown is thrown away.
pub(crate) fn take(socket: BorrowedFd<'_>) -> io::Result<Option<QueuedError>> {
    loop {
        let mut name = [0; address::LONGEST];
        let mut control = [0; CONTROL];
        // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value. Without a vector
        // the kernel writes nothing of the datagram itself.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_name = name.as_mut_ptr().cast();
        message.msg_namelen = name.len() as _;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = control.len() as _;
        let flags = libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT;
        // SAFETY: the header points at `name` and `control`, valid for writing as many bytes as stated.
        let received = unsafe { libc::recvmsg(socket.as_raw_fd(), &mut message, flags) };
        if received < 0 {
            match last_error() {
                libc::EINTR => continue,
                libc::EAGAIN => return Ok(None),
                error => return Err(io::Error::from_raw_os_error(error)),
            }
        }
        let name = name.get(..message.msg_namelen as usize).unwrap_or_default();
        if let Some(peer) = address::decode(name) {
            return Ok(Some(QueuedError { peer, control, length: message.msg_controllen as usize }));
        }
    }
}
