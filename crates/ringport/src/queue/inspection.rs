//! What can be asked of a request queue.

use super::limits::{Limits, Outstanding};
use super::request_queue::RequestQueue;
use crate::backend::contract::{Attachment, RequestCounters};
use crate::net::RegisteredSocket;

impl<S: RegisteredSocket> RequestQueue<S> {
    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits.get()
    }

    /// The socket.
    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// Requests that hold a place now.
    pub fn outstanding(&self) -> Outstanding {
        let mut outstanding = Outstanding::default();
        self.each(|attachment| {
            if let Some(side) = attachment.receive.as_ref() {
                outstanding.receives = side.outstanding;
                outstanding.starved = side.starved.len() as u32;
            }
            if let Some(side) = attachment.send.as_ref() {
                outstanding.sends = side.outstanding;
            }
        });
        outstanding
    }

    /// What happened on the socket beside completions.
    pub fn counters(&self) -> RequestCounters {
        let mut sum = RequestCounters::default();
        self.each(|attachment| sum += attachment.counters);
        sum
    }

    /// Visits its attachments: one, or two when receives and sends complete in different queues.
    fn each(&self, mut visit: impl FnMut(&Attachment)) {
        let same = self.same_attachment();
        let send = self.send.as_ref().filter(|_| !same);
        for end in self.receive.iter().chain(send) {
            if let Some(attachment) = end.core.borrow().table.get(end.key) {
                visit(attachment);
            }
        }
    }
}
