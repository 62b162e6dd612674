//! Limits of a request queue, and what it counts.

/// How many requests a request queue may have outstanding, and of how many slices each: the arguments of
/// `RIOCreateRequestQueue`.
///
/// The limits are reserved in the completion queues when the request queue is made. A request holds its
/// place from post to dequeue of its completion.
///
/// ```
/// let limits = ringport::Limits { receives: 1024, receive_buffers: 1, sends: 256, send_buffers: 16 };
/// assert!(limits.receives > limits.sends);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Receives outstanding at most; 0 for a queue that only sends.
    pub receives: u32,
    /// Slices in one receive at most, 1 to 1,024.
    pub receive_buffers: u32,
    /// Sends outstanding at most; 0 for a queue that only receives.
    pub sends: u32,
    /// Slices in one send at most, 1 to 1,024.
    pub send_buffers: u32,
}

/// The most slices in one request: what one system call takes.
pub(crate) const MOST_BUFFERS: u32 = 1024;

impl Limits {
    /// What is wrong with them, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let direction = |count: u32, buffers: u32| count == 0 || (1..=MOST_BUFFERS).contains(&buffers);
        if self.receives == 0 && self.sends == 0 {
            Some("receives and sends are both 0, allow at least one of them")
        } else if !direction(self.receives, self.receive_buffers) {
            Some("receive_buffers must be 1 to 1024")
        } else if !direction(self.sends, self.send_buffers) {
            Some("send_buffers must be 1 to 1024")
        } else {
            None
        }
    }
}

/// Requests that hold a place: posted, or completed and not dequeued.
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, UdpSocket};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let pool = BufferPool::builder().slices_per_region(4).build()?;
/// let queue = CompletionQueue::builder(4).polled()?;
/// let limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// requests.receive(pool.take()?, 1)?;
/// assert_eq!(requests.outstanding().receives, 1);
/// assert_eq!(requests.counters().failed, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// Receives.
    pub receives: u32,
    /// Of these, receives that wait for a slice of their pool.
    pub starved: u32,
    /// Sends.
    pub sends: u32,
}
