//! Making a completion queue.

use std::cell::RefCell;
use std::rc::Rc;

use super::completion_queue::{CompletionQueue, Event, Polled};
use super::core::{Core, LARGEST};
use super::error::QueueError;
use super::waiting::Waiting;
use crate::backend::contract::Contract;
use crate::backend::{self, BackendChoice, BackendError};

/// Opens the backend for a kind of queue.
type Open = fn(BackendChoice, usize) -> Result<Box<dyn Contract>, BackendError>;

/// How a completion queue is made: `RIOCreateCompletionQueue` with its kinds of notification as methods.
///
/// ```
/// use ringport::{BackendChoice, CompletionQueue};
///
/// let queue = CompletionQueue::builder(4096).backend(BackendChoice::Automatic).event()?;
/// assert_eq!(queue.size(), 4096);
/// # Ok::<(), ringport::QueueError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is made before polled, event or on is called"]
pub struct CompletionQueueBuilder {
    pub(super) size: usize,
    pub(super) choice: BackendChoice,
    notify_reset: bool,
    pub(super) waiting: Waiting,
    pub(super) results_per_packet: usize,
    pub(super) grows_to: usize,
}

impl CompletionQueueBuilder {
    pub(super) fn new(size: usize) -> CompletionQueueBuilder {
        CompletionQueueBuilder {
            size,
            choice: BackendChoice::Automatic,
            notify_reset: true,
            waiting: Waiting::default(),
            results_per_packet: usize::MAX,
            grows_to: 0,
        }
    }

    /// Which backend carries it. [`BackendChoice::Automatic`], the default, follows the environment
    /// variable `RINGPORT_BACKEND` and otherwise takes io_uring where it is allowed, on Windows Registered I/O where it
    /// is there.
    pub fn backend(mut self, choice: BackendChoice) -> Self {
        self.choice = choice;
        self
    }

    /// Whether [`notify`](CompletionQueue::notify) resets the event (`NotifyReset`); on by default. It
    /// matters to those who look at the event's descriptor.
    pub fn notify_reset(mut self, on: bool) -> Self {
        self.notify_reset = on;
        self
    }

    /// Whether [`wait`](CompletionQueue::wait), or the pump of a queue on a port, may hold completions back so that
    /// one wake-up serves several; [`Waiting::Balanced`] by default.
    ///
    /// ```
    /// use ringport::{CompletionQueue, Waiting};
    ///
    /// let queue = CompletionQueue::builder(64).waiting(Waiting::Latency).event()?;
    /// assert_eq!(queue.gathered(), 0); // and never more
    /// # Ok::<(), ringport::QueueError>(())
    /// ```
    pub fn waiting(mut self, waiting: Waiting) -> Self {
        self.waiting = waiting;
        self
    }

    /// A queue that is asked again and again and never notifies.
    ///
    /// # Errors
    /// [`QueueError::InvalidSize`]; [`QueueError::Backend`] when the backend asked for cannot run here;
    /// [`QueueError::System`] when the process may open no more files or lock no more memory.
    pub fn polled(self) -> Result<CompletionQueue<Polled>, QueueError> {
        self.build(backend::open_polled)
    }

    /// A queue whose owner can be told, once each time it is armed, that completions are there.
    ///
    /// # Errors
    /// [`QueueError::InvalidSize`]; [`QueueError::Backend`] when the backend asked for cannot run here;
    /// [`QueueError::System`] when the process may open no more files or lock no more memory.
    pub fn event(self) -> Result<CompletionQueue<Event>, QueueError> {
        self.build(backend::open)
    }

    fn build<N>(self, open: Open) -> Result<CompletionQueue<N>, QueueError> {
        if self.size == 0 || self.size > LARGEST {
            return Err(QueueError::InvalidSize { asked: self.size, largest: LARGEST });
        }
        let backend = open(self.choice, self.size)?;
        let core = Core::new(backend, self.size, self.notify_reset, self.waiting)?;
        Ok(CompletionQueue::from_core(Rc::new(RefCell::new(core))))
    }
}
