//! What happened on a socket that no completion tells.

use std::ops::AddAssign;

/// What happened on a socket beside completions, since its request queue was made.
///
/// [`RequestQueue::counters`](crate::RequestQueue::counters) gives a copy, on the thread of the queue.
///
/// ```
/// # use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let pool = BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// # let mut queue = CompletionQueue::builder(8).polled()?;
/// # let limits = Limits { receives: 4, receive_buffers: 2, sends: 4, send_buffers: 2 };
/// # let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?; // a slice of 8 bytes
/// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"ten bytes!", socket.local_addr()?)?;
///
/// let mut completions = Completions::with_capacity(4);
/// while queue.dequeue(&mut completions) == 0 {}
/// let counters = requests.counters();
/// assert_eq!((counters.truncated, counters.failed), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCounters {
    /// Errors that ICMP messages about earlier datagrams left on the socket; no request failed by them.
    pub unreachable: u64,
    /// Datagrams that were larger than their slices.
    pub truncated: u64,
    /// Requests that the system refused.
    pub failed: u64,
    /// Times that the kernel's receive request ended and was armed anew.
    pub rearmed: u64,
    /// Times that a send found the socket full and had to wait.
    pub blocked: u64,
    /// Times that the kernel or the device refused to cut a message into its datagrams. They left one by one at once,
    /// as all of that size do until it is tried again, some 4,096 datagrams later.
    pub unsegmented: u64,
}

impl RequestCounters {
    /// Adds what came since `before`.
    pub(crate) fn advance(&mut self, before: &RequestCounters, now: &RequestCounters) {
        self.unreachable += now.unreachable - before.unreachable;
        self.truncated += now.truncated - before.truncated;
        self.failed += now.failed - before.failed;
        self.rearmed += now.rearmed - before.rearmed;
        self.blocked += now.blocked - before.blocked;
        self.unsegmented += now.unsegmented - before.unsegmented;
    }
}

impl AddAssign for RequestCounters {
    fn add_assign(&mut self, other: RequestCounters) {
        self.unreachable += other.unreachable;
        self.truncated += other.truncated;
        self.failed += other.failed;
        self.rearmed += other.rearmed;
        self.blocked += other.blocked;
        self.unsegmented += other.unsegmented;
    }
}
