//! Where request queues are made: on the queue of a thread, or on one of a port.

use std::cell::RefCell;
use std::rc::Rc;

use crate::net::{StreamListener, StreamSocket};
use crate::queue::{
    CompletionQueue, Event, Limits, PortQueue, PortRequestQueue, PostError, QueueError, RequestQueue,
};
use crate::server::tcp::connection::Requests;

/// What differs between the queue of one thread and one of a port.
pub(super) trait Queues {
    type Requests: Requests;
    type Accepts: Accepts;

    /// A request queue for a connection.
    fn connection(
        &self,
        socket: &StreamSocket,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Requests, QueueError>;

    /// A request queue for a listener.
    fn listener(
        &self,
        listener: &StreamListener,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Accepts, QueueError>;
}

/// A request queue that accepts.
pub(super) trait Accepts {
    fn accept(&self) -> Result<(), PostError>;
}

impl Accepts for RequestQueue<StreamListener> {
    fn accept(&self) -> Result<(), PostError> {
        RequestQueue::accept(self, 0)
    }
}

impl Accepts for PortRequestQueue<StreamListener> {
    fn accept(&self) -> Result<(), PostError> {
        PortRequestQueue::accept(self, 0)
    }
}

/// The queue of one thread.
pub(super) type OwnQueue = Rc<RefCell<CompletionQueue<Event>>>;

impl Queues for OwnQueue {
    type Requests = RequestQueue<StreamSocket>;
    type Accepts = RequestQueue<StreamListener>;

    fn connection(
        &self,
        socket: &StreamSocket,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Requests, QueueError> {
        let queue = self.borrow();
        RequestQueue::new(socket, &*queue, &*queue, limits, context)
    }

    fn listener(
        &self,
        listener: &StreamListener,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Accepts, QueueError> {
        let queue = self.borrow();
        RequestQueue::new(listener, &*queue, &*queue, limits, context)
    }
}

impl Queues for PortQueue {
    type Requests = PortRequestQueue<StreamSocket>;
    type Accepts = PortRequestQueue<StreamListener>;

    fn connection(
        &self,
        socket: &StreamSocket,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Requests, QueueError> {
        PortRequestQueue::new(socket, self, self, limits, context)
    }

    fn listener(
        &self,
        listener: &StreamListener,
        limits: Limits,
        context: u64,
    ) -> Result<Self::Accepts, QueueError> {
        PortRequestQueue::new(listener, self, self, limits, context)
    }
}
