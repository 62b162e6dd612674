//! Committing deferred sends from elsewhere.

use std::sync::Arc;

use super::error::QueueError;
use super::request_queue::RequestQueue;
use super::signals::{CommitFlag, Signals};

/// Commits the deferred sends of a request queue from any thread (`RIO_MSG_COMMIT_ONLY`, the one call that
/// may run beside posts of the same queue); made by
/// [`committer`](super::RequestQueue::committer).
///
/// The thread that owns the queue does the sending: at its next dequeue or notify, or at once if it waits.
/// It makes no completion of its own and works when the queue is full.
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Send, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(8).build()?;
/// let mut queue = CompletionQueue::builder(8).polled()?;
/// let limits = Limits { receives: 0, receive_buffers: 1, sends: 4, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// let later = Send::new().to(socket.local_addr()?).defer();
/// requests.send_with(pool.take_with(b"now")?, later, 0)?;
///
/// let committer = requests.committer()?;
/// std::thread::spawn(move || committer.commit()).join().unwrap();
///
/// let mut completions = Completions::with_capacity(4);
/// assert_eq!(queue.dequeue(&mut completions), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Committer {
    pub(super) signals: Arc<Signals>,
    pub(super) flag: Arc<CommitFlag>,
}

impl Committer {
    /// Sends what was deferred. A queue that is closed by now ignores it.
    pub fn commit(&self) {
        self.signals.wish(&self.flag);
    }
}

impl<S> RequestQueue<S> {
    /// Makes a handle by which any thread can have the deferred sends committed.
    ///
    /// # Errors
    /// [`QueueError::InvalidLimits`] for a queue without sends, [`QueueError::System`] when the backend
    /// cannot be woken.
    pub fn committer(&self) -> Result<Committer, QueueError> {
        let end = self.send.as_ref().ok_or(QueueError::InvalidLimits("this queue has no sends"))?;
        let core = &mut *end.core.borrow_mut();
        core.watch_wake().map_err(|source| QueueError::System { what: "watching for commits", source })?;
        let signals = Arc::clone(&core.signals);
        if let Some((_, flag)) = core.committers.iter().find(|(owner, _)| *owner == end.key) {
            return Ok(Committer { signals, flag: Arc::clone(flag) });
        }
        let flag = Arc::new(CommitFlag::new(end.key));
        core.committers.push((end.key, Arc::clone(&flag)));
        Ok(Committer { signals, flag })
    }
}
