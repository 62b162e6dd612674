//! The calls of one operation, until it is the system's or over.

use std::os::windows::io::RawHandle;

use windows_sys::Win32::System::IO::CancelIoEx;

use super::super::status;
use super::begin::{Issued, issue};
use super::judge::{Ended, Verdict, judge};
use super::node::Node;
use super::slot::Slot;
use crate::backend::plain::Outcome;

/// An operation that is being started, or gone on with. The slot knows that, and keeps the handle open.
pub(super) struct Run<'slot> {
    pub(super) slot: &'slot Slot,
    pub(super) node: Node,
    pub(super) number: u64,
    pub(super) handle: RawHandle,
    /// The system sends no packet for what is done at once.
    pub(super) skips: bool,
    /// Cancellations before it.
    pub(super) before: u32,
}

impl Run<'_> {
    /// Goes on until a packet follows (`None`; the place is not the caller's any more), or the operation is over and
    /// none does.
    ///
    /// # Safety
    /// The caller has the place.
    pub(super) unsafe fn go(&self) -> Option<Outcome> {
        loop {
            // SAFETY: the caller has the place, and the handle is open.
            let issued = self.node.issuing_while(|| unsafe { issue(self.node, self.handle) });
            let ended = match issued {
                Issued::Done if self.skips => Ended::of(self.node),
                Issued::Done | Issued::Pending => return self.is_the_systems(),
                Issued::Failed(_) if self.packet_follows() => return self.is_the_systems(),
                Issued::Failed(error) => Ended { error, bytes: self.node.transferred() },
            };
            if !self.node.claim_back() {
                return None;
            }
            // SAFETY: it was claimed back, so a packet that may follow means nothing.
            let flight = unsafe { self.node.flight() };
            match judge(flight, ended, Some(self.handle)) {
                Verdict::Done(outcome) => return Some(outcome),
                Verdict::Again if self.is_cancelled() => {
                    return flight.request.as_ref().map(Outcome::aborted);
                }
                Verdict::Again => {}
            }
        }
    }

    /// Whether a call that failed is one that the kernel counts as a success, so that its packet comes: the datagram
    /// did not fit.
    fn packet_follows(&self) -> bool {
        if self.skips {
            return false;
        }
        // Under the lock: if another thread has its packet already, the operation is gone, or waits for this lock.
        let mut state = self.slot.lock();
        state.find(self.number).is_none() || status::is_warning(self.node.status())
    }

    fn is_cancelled(&self) -> bool {
        let mut state = self.slot.lock();
        state.closing || state.find(self.number).is_none_or(|running| running.cancelled)
    }

    /// The system has it now. A cancellation that came while it was not the system's yet is caught up with.
    fn is_the_systems(&self) -> Option<Outcome> {
        if self.slot.cancellations() != self.before {
            let mut state = self.slot.lock();
            let closing = state.closing;
            if let Some(running) = state.find(self.number)
                && (running.cancelled || closing)
            {
                // SAFETY: the handle is open, and the place is alive while its operation is in the list.
                unsafe { CancelIoEx(self.handle, running.node.overlapped()) };
            }
        }
        None
    }
}
