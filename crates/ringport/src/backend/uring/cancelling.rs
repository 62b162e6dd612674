//! Ending requests that are in the kernel, and waiting until it has let go of them.
//!
//! ```text
//!   quiesce ─► cancel ─► 0: the request ends, with an entry of its own
//!                  ▲     ENOENT, EALREADY: it was missed; if it is still in the kernel,
//!                  └──── cancel again, but not for ever
//! ```

use std::io;

use io_uring::opcode;

use super::Uring;
use super::kernel::Kernel;
use super::socket::Socket;
use super::tag::{Tag, user_data};
use crate::backend::contract::{Completion, Table};

/// Cancellations that may miss one after the other. A request on its way to its end is missed once or twice.
const MOST_MISSES: u32 = 1000;

impl Socket {
    /// Queues the cancellation of the receive request.
    pub(super) fn stop(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        if self.armed && !self.stopping {
            self.stopping = true;
            self.misses = 0;
            self.cancel(kernel, Tag::Receive, Tag::CancelReceive)?;
        }
        Ok(())
    }

    /// Queues the cancellation of the poll for writability.
    pub(super) fn stop_watching(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        if self.watching_write {
            self.cancel(kernel, Tag::PollWrite, Tag::CancelPollWrite)?;
        }
        Ok(())
    }

    fn cancel(&mut self, kernel: &mut Kernel, request: Tag, own: Tag) -> io::Result<()> {
        let entry = opcode::AsyncCancel::new(user_data(self.key, request)).build();
        // SAFETY: a cancellation points at no memory.
        unsafe { kernel.push(&entry.user_data(user_data(self.key, own))) }
    }

    /// A cancellation missed what it was for: it is queued again if that is still in the kernel.
    fn missed(&mut self, kernel: &mut Kernel, own: Tag) -> io::Result<()> {
        let wanted = match own {
            Tag::CancelReceive => self.armed && self.stopping,
            _ => self.watching_write && self.quiescing,
        };
        if !wanted {
            return Ok(());
        }
        if self.misses >= MOST_MISSES {
            // Nothing is under way any more; the next to ask for its end begins anew.
            self.stopping = false;
            return Ok(());
        }
        self.misses += 1;
        match own {
            Tag::CancelReceive => self.cancel(kernel, Tag::Receive, own),
            _ => self.cancel(kernel, Tag::PollWrite, own),
        }
    }
}

impl Uring {
    /// A cancellation is through. When it found its request, that tells of its end itself.
    pub(super) fn on_cancelled(&mut self, key: u32, own: Tag, result: i32) {
        if result >= 0 {
            return;
        }
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else { return };
        // A failure to queue the entry has set the fault, which the next wait reports.
        let _ = socket.missed(&mut self.kernel, own);
    }

    /// Ends all that the kernel has of `key`.
    pub(super) fn end(&mut self, key: u32, table: &mut Table, out: &mut Vec<Completion>) -> io::Result<()> {
        let Some(socket) = self.sockets.get_mut(key as usize).and_then(Option::as_mut) else {
            return Ok(());
        };
        socket.quiescing = true;
        socket.misses = 0;
        socket.stop(&mut self.kernel)?;
        socket.stop_watching(&mut self.kernel)?;
        while let Some(socket) = self.socket_mut(key).filter(|socket| socket.busy()) {
            if socket.misses >= MOST_MISSES {
                // The request can neither be found nor is it over: its memory is the kernel's for good.
                return Err(io::Error::from_raw_os_error(libc::ETIMEDOUT));
            }
            self.kernel.enter(1)?;
            self.drain(table, out, usize::MAX);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::contract::{Attachment, Contract, ReceiveSide};
    use crate::memory::{BufferPool, Lock};
    use crate::net::{SocketHandle, UdpSocket};

    /// A ring with one socket, whose receive is armed; nothing where there is no io_uring.
    fn armed() -> Option<(Uring, Table, u32)> {
        let probed = crate::backend::uring::probe();
        let Some(features) = probed.features.as_ref() else {
            eprintln!("skipped: no io_uring here");
            return None;
        };
        let mut uring = Uring::open(8, features).unwrap();
        let socket = SocketHandle::Datagram(UdpSocket::bind("127.0.0.1:0").unwrap());
        let mut side = ReceiveSide::new(&socket, 4, 1);
        let pool = BufferPool::builder().slices_per_region(4).lock(Lock::Off).build().unwrap();
        side.push(pool.take().unwrap(), 0, false, true);
        let mut table = Table::default();
        let key = table.insert(Attachment::new(socket, 0, Some(side), None));
        let attachment = table.get_mut(key).unwrap();
        uring.attach(key, attachment).unwrap();
        uring.publish(key, attachment).unwrap();
        uring.kernel.enter(0).unwrap();
        assert!(uring.socket_mut(key).unwrap().armed);
        Some((uring, table, key))
    }

    #[test]
    fn a_cancellation_that_missed_is_tried_again() {
        let Some((mut uring, mut table, key)) = armed() else { return };
        let socket = uring.sockets[key as usize].as_mut().unwrap();
        socket.stopping = true;
        // Nobody has the last key, so the kernel finds nothing to cancel.
        let astray = opcode::AsyncCancel::new(user_data(u32::MAX, Tag::Receive)).build();
        // SAFETY: a cancellation points at no memory.
        unsafe { uring.kernel.push(&astray.user_data(user_data(key, Tag::CancelReceive))) }.unwrap();
        uring.quiesce(key, &mut table, &mut Vec::new()).unwrap();
        let socket = uring.socket_mut(key).unwrap();
        assert_eq!((socket.busy(), socket.misses), (false, 1));
    }

    #[test]
    fn a_request_that_can_never_be_found_ends_the_wait_with_an_error() {
        let Some((mut uring, mut table, key)) = armed() else { return };
        uring.quiesce(key, &mut table, &mut Vec::new()).unwrap();
        for (armed, watching_write) in [(true, false), (false, true)] {
            // As if the kernel had lost it.
            let socket = uring.socket_mut(key).unwrap();
            (socket.armed, socket.watching_write) = (armed, watching_write);
            let error = uring.quiesce(key, &mut table, &mut Vec::new()).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ETIMEDOUT));
        }
    }
}
