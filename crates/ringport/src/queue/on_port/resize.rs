//! Changing the size of a queue on a port, and the limits of the request queues on it.
//!
//! What many threads write to cannot be moved while they do. So the memory of a queue is that of the size it may
//! grow to, and to resize it is to change what may be reserved of it: no thread is stopped, and what is queued stays
//! where it is.

use std::sync::{Arc, PoisonError};

use super::end::End;
use super::port_queue::PortQueue;
use super::requests::PortRequestQueue;
use super::shared::Shared;
use crate::backend::contract::Operation;
use crate::net::RegisteredSocket;
use crate::queue::builder::CompletionQueueBuilder;
use crate::queue::error::QueueError;
use crate::queue::limits::Limits;

impl CompletionQueueBuilder {
    /// The size to which a queue on a port may be resized, whose memory it has from the start; by default its size,
    /// rounded up to a power of two. Other queues grow without it.
    pub fn grows_to(mut self, size: usize) -> Self {
        self.grows_to = size;
        self
    }
}

impl PortQueue {
    /// Changes the size; what is queued stays (`RIOResizeCompletionQueue`).
    ///
    /// # Errors
    /// [`QueueError::InvalidSize`] for none, or more than it
    /// [may grow to](CompletionQueueBuilder::grows_to); [`QueueError::InUse`] below what attached request queues
    /// reserve. Nothing changes then.
    ///
    /// ```
    /// use ringport::{CompletionPort, CompletionQueue};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let queue = CompletionQueue::builder(100).grows_to(1000).on(&port, 0)?;
    /// queue.resize(1000)?;
    /// assert!(queue.resize(2000).is_err());
    /// assert_eq!(queue.size(), 1000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resize(&self, size: usize) -> Result<(), QueueError> {
        let largest = self.shared.completed.capacity();
        if size == 0 || size > largest {
            return Err(QueueError::InvalidSize { asked: size, largest });
        }
        let mut books = self.shared.books();
        if size < books.reserved {
            return Err(QueueError::InUse { what: "places", asked: size, needed: books.reserved });
        }
        books.size = size;
        Ok(())
    }
}

impl<S: RegisteredSocket> PortRequestQueue<S> {
    /// Changes the limits; what is outstanding stays (`RIOResizeRequestQueue`).
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`], also for a direction that had none, and for more sends than the power of two
    /// above what it was made with; [`QueueError::InUse`] below what is outstanding; [`QueueError::NoRoom`] when a
    /// completion queue cannot reserve more; [`QueueError::Closed`]. Nothing changes then.
    ///
    /// ```
    /// use ringport::{CompletionPort, CompletionQueue, Limits, PortRequestQueue, UdpSocket};
    ///
    /// let port = CompletionPort::new(1)?;
    /// let queue = CompletionQueue::builder(64).on(&port, 0)?;
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let limits = Limits { receives: 8, receive_buffers: 1, sends: 8, send_buffers: 1 };
    /// let requests = PortRequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// requests.resize(Limits { receives: 56, ..limits })?;
    /// assert_eq!((queue.reserved(), requests.limits().receives), (64, 56));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resize(&self, limits: Limits) -> Result<(), QueueError> {
        if let Some(fault) = limits.fault() {
            return Err(QueueError::InvalidLimits(fault));
        }
        // What is given back and what is added are the difference to what was, so nobody else may change that.
        let _alone = self.resizing.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.limits();
        if (old.receives == 0 && limits.receives > 0) || (old.sends == 0 && limits.sends > 0) {
            return Err(QueueError::InvalidLimits("a direction whose limit was 0 cannot be added"));
        }
        let outbox = self.send.as_ref().and_then(|end| end.side.outbox.as_ref());
        if outbox.is_some_and(|outbox| limits.sends as usize > outbox.capacity()) {
            let why =
                "sends of a request queue on a port may grow to the next power of two only: make a new one";
            return Err(QueueError::InvalidLimits(why));
        }
        let receive =
            (&self.receive, Operation::Receive, old.receives, limits.receives, limits.receive_buffers);
        let send = (&self.send, Operation::Send, old.sends, limits.sends, limits.send_buffers);
        // What is given back makes room for what is added.
        let mut steps = [receive, send];
        steps.sort_by_key(|step| step.3 > step.2);
        for (index, (end, operation, before, limit, buffers)) in steps.iter().enumerate() {
            let Some(end) = end else { continue };
            if let Err(error) = end.resize(*operation, *before, *limit, *buffers) {
                // It was so a moment ago, so it can be so again.
                let undo = steps.iter().take(index).filter_map(|step| Some((step.0.as_ref()?, step)));
                let buffers = |operation: Operation| match operation.is_inward() {
                    true => old.receive_buffers,
                    false => old.send_buffers,
                };
                undo.for_each(|(end, step)| _ = end.resize(step.1, step.3, step.2, buffers(step.1)));
                return Err(error);
            }
        }
        Ok(())
    }
}

impl End {
    fn resize(&self, operation: Operation, before: u32, limit: u32, buffers: u32) -> Result<(), QueueError> {
        let shared: &Arc<Shared> = &self.shared;
        let more = limit.saturating_sub(before) as usize;
        {
            let mut books = shared.books();
            let (reserved, size) = (books.reserved, books.size);
            if more > size.saturating_sub(reserved) {
                return Err(QueueError::NoRoom { asked: more, reserved, size });
            }
            books.reserved += more;
        }
        let give_back = |places: usize| {
            let mut books = shared.books();
            books.reserved = books.reserved.saturating_sub(places);
        };
        let side = Arc::clone(&self.side);
        let grown = shared.ask(move |pump| pump.grow(&side, operation, limit, buffers));
        if let Err(error) = grown.unwrap_or(Err(QueueError::Closed)) {
            give_back(more);
            return Err(error);
        }
        let quota = self.side.quota(operation);
        if operation == Operation::Send
            && let Some(outbox) = self.side.outbox.as_ref()
        {
            outbox.resize(limit.max(before), buffers);
        }
        // Last: whoever finds a place under the new limit finds everything else grown.
        if !quota.resize(limit, buffers) {
            give_back(more);
            let what = if operation == Operation::Send { "sends" } else { "receives" };
            let needed = quota.outstanding() as usize;
            return Err(QueueError::InUse { what, asked: limit as usize, needed });
        }
        give_back(before.saturating_sub(limit) as usize);
        Ok(())
    }
}
