//! What a queue needs of a port: a room above this one, so it is named by a trait.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::drive::{Attended, Station};
use super::ready::Ready;

/// Something that completion queues can be made on: a [`CompletionPort`](crate::CompletionPort).
///
/// No other type can be one.
///
/// ```
/// use ringport::queue::Notifier;
/// use ringport::{CompletionPort, CompletionQueue};
///
/// fn places(port: &impl Notifier) -> Result<usize, ringport::QueueError> {
///     Ok(CompletionQueue::builder(16).on(port, 7)?.size())
/// }
/// assert_eq!(places(&CompletionPort::new(1)?)?, 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Notifier: sealed::Target {}

impl<T: sealed::Target> Notifier for T {}

pub(crate) mod sealed {
    /// Where packets go.
    #[allow(private_interfaces)]
    pub trait Target {
        fn target(&self) -> std::sync::Arc<dyn super::Deliver>;
    }
}

/// Takes packets of completion queues.
pub(crate) trait Deliver: Station + Send + Sync {
    /// Queues the packet that `ready` is; hands it back when nobody will ever take it.
    fn deliver(&self, ready: Ready) -> Result<(), Ready>;

    /// A queue was made: it can be asked who holds the right to drain it.
    fn register(&self, queue: Weak<dyn Holder>);
}

/// Tells who holds the right to drain a queue.
pub(crate) trait Holder: Attended + Send + Sync {
    fn held(&self) -> Option<HeldRight>;
}

/// The right to drain a completion queue, in the hands of a thread.
///
/// While a thread holds it, nobody else takes completions of that queue: so a thread that blocks with it stops all
/// sockets of the queue. [`CompletionPort::held_rights`](crate::CompletionPort::held_rights) lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldRight {
    /// The key of the queue.
    pub key: u64,
    /// The system's number of the thread that took the packet.
    pub thread: u32,
    /// How long it has had it.
    pub age: Duration,
    /// The thread is in a blocking scope, or was found asleep by the monitor.
    pub blocked: bool,
}

/// Shared handles, for short.
pub(super) type Target = Arc<dyn Deliver>;
