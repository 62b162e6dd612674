//! Ending an accept, and reads.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Weak;
use std::thread::JoinHandle;

use socket2::SockRef;

/// Ends the accepts that wait on this listener, and refuses all that come.
pub(crate) fn end_accepts(listener: &TcpListener) {
    let _ = SockRef::from(listener).shutdown(Shutdown::Both);
}

/// Ends the reads of a thread, after the reading side of its stream was shut down: that has ended them.
pub(crate) fn end_reads(_thread: &JoinHandle<()>, _stream: &Weak<TcpStream>) {}
