//! Ending an accept.

use std::net::{Shutdown, TcpListener};

use socket2::SockRef;

/// Ends the accepts that wait on this listener, and refuses all that come.
pub(crate) fn end_accepts(listener: &TcpListener) {
    let _ = SockRef::from(listener).shutdown(Shutdown::Both);
}
