//! The descriptor that other programs' poll loops watch.
//!
//! ```text
//!   outer epoll ──► inner epoll ──► sockets     watched while armed, once
//!               └─► event                       signalled by the queue, until it is reset
//! ```
//!
//! Arming costs one call, however many sockets there are.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::READ;
use crate::backend::sys::epoll::{Epoll, Flags};

const ONCE: Flags = libc::EPOLLONESHOT as Flags;

/// See the module.
#[derive(Debug)]
pub(super) struct OuterDescriptor(Epoll);

impl OuterDescriptor {
    /// Makes one, not armed.
    pub(super) fn new(inner: &Epoll, event: BorrowedFd<'_>) -> io::Result<OuterDescriptor> {
        let outer = Epoll::new()?;
        outer.add(event, READ, 0)?;
        outer.add(inner.as_fd(), 0, 0)?;
        Ok(OuterDescriptor(outer))
    }

    /// A descriptor of its own for the user to hold.
    pub(super) fn duplicate(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }

    /// Watches the sockets, or not.
    pub(super) fn arm(&self, inner: &Epoll, armed: bool) -> io::Result<()> {
        let flags = if armed { READ | ONCE } else { 0 };
        self.0.modify(inner.as_fd(), flags, 0)
    }
}
