//! Flags of a request, by name.

use std::net::SocketAddr;

use super::error::PostError;
use crate::net::ControlBuffer;

/// How a receive is posted: the flags of `RIOReceiveEx`.
///
/// ```
/// use ringport::Receive;
///
/// let silent = Receive::new().addresses().dont_notify();
/// # let _ = silent;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Receive {
    pub(crate) addresses: bool,
    pub(crate) silent: bool,
    pub(crate) wait_all: bool,
}

impl Receive {
    /// Payload only, with a notification, at once.
    pub fn new() -> Receive {
        Receive::default()
    }

    /// Also the peer's address and control data, as `RIOReceiveEx` gives them. From the first such receive
    /// on, the kernel is asked for them on this socket, which costs 30 to 170 ns a datagram.
    pub fn addresses(mut self) -> Receive {
        self.addresses = true;
        self
    }

    /// Its completion triggers no notification (`RIO_MSG_DONT_NOTIFY`); it can be dequeued as any other.
    pub fn dont_notify(mut self) -> Receive {
        self.silent = true;
        self
    }

    /// It need not run before the next plain post or a commit (`RIO_MSG_DEFER`). A receive is posted
    /// without a system call anyway, so this changes nothing and is here for those who bring RIO code.
    pub fn defer(self) -> Receive {
        self
    }

    /// Complete only when the slices are full (`RIO_MSG_WAITALL`): streams only, refused on UDP.
    pub fn wait_all(mut self) -> Receive {
        self.wait_all = true;
        self
    }
}

/// How a send is posted: the flags and arguments of `RIOSendEx`.
///
/// ```
/// use ringport::Send;
///
/// let later = Send::new().to("127.0.0.1:9".parse()?).defer();
/// # let _ = later;
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Send<'control> {
    pub(crate) to: Option<SocketAddr>,
    pub(crate) control: Option<&'control ControlBuffer>,
    pub(crate) segment: u16,
    pub(crate) silent: bool,
    pub(crate) defer: bool,
}

impl Send<'_> {
    /// Why a socket cannot send so: one of datagrams needs a destination, a stream has one.
    #[inline]
    pub(crate) fn fault(&self, is_stream: bool, has_peer: impl FnOnce() -> bool) -> Option<PostError> {
        if is_stream && (self.to.is_some() || self.control.is_some()) {
            return Some(PostError::NotSupported("a destination or control data (datagrams only)"));
        }
        if self.segment > 0
            && let Some(fault) = self.fault_of_segments(is_stream)
        {
            return Some(fault);
        }
        (!is_stream && self.to.is_none() && !has_peer()).then_some(PostError::NoDestination)
    }

    fn fault_of_segments(&self, is_stream: bool) -> Option<PostError> {
        if is_stream {
            return Some(PostError::NotSupported("a payload of several datagrams (datagrams only)"));
        }
        let takes = self.control.is_none_or(ControlBuffer::takes_segment_size);
        (!takes).then_some(PostError::NotSupported(
            "a payload of several datagrams with control data that has a segment size, or no room for one,",
        ))
    }
}

impl<'control> Send<'control> {
    /// To the connected peer, at once, with a notification.
    pub fn new() -> Send<'control> {
        Send::default()
    }

    /// The destination; needed on a socket that is not connected.
    pub fn to(mut self, peer: SocketAddr) -> Send<'control> {
        self.to = Some(peer);
        self
    }

    /// Control data: source address, segment size, ECN. It is copied, so it need not outlive the call. To send several
    /// datagrams at once, [`segments`](Send::segments) does without any and knows what to do where the device refuses.
    pub fn control(mut self, control: &'control ControlBuffer) -> Send<'control> {
        self.control = Some(control);
        self
    }

    /// The payload is several datagrams of `size` bytes each, the last perhaps shorter, as they stand one behind the
    /// other in its slice or chain. With 0, or a payload of no more than `size` bytes, it is one datagram, as without.
    ///
    /// They leave as one message, which the kernel or the device cuts (`UDP_SEGMENT`): 64 datagrams of 64 bytes cost a
    /// tenth of 64 sends. It is one request: one place among the sends, and one completion, with the bytes of all.
    /// Nothing changes for whoever receives them.
    ///
    /// A message holds 64 datagrams and 65,507 bytes; what is more leaves as several messages with the same system
    /// call. Other control data goes with each of them.
    ///
    /// Where the kernel or the device refuses to cut, the library does: the datagrams leave one by one, still with one
    /// call for 64 of them, and later sends of the socket do so at once
    /// ([`RequestCounters::unsegmented`](super::RequestCounters::unsegmented)). After 4,096 datagrams it is tried again. Only
    /// a send whose control data has a segment size of its own ([`ControlBuffer::segment_size`]) is never cut here: it
    /// fails plainly where the system refuses.
    ///
    /// A send that fails (a datagram is larger than the path takes and must not be fragmented: `EMSGSIZE`) may have sent
    /// some of its datagrams: [`Completion::bytes`](super::Completion::bytes) tells how far it got, and a whole number of
    /// them has left.
    ///
    /// On a stream, and beside control data that has a segment size or no room for one, posting it is refused
    /// ([`PostError::NotSupported`]).
    ///
    /// ```
    /// use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, Send, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let pool = BufferPool::builder().slice_size(2048).slices_per_region(4).build()?;
    /// let queue = CompletionQueue::builder(4).polled()?;
    /// let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
    ///
    /// let send = Send::new().to(peer.local_addr()?).segments(4);
    /// requests.send_with(pool.take_with(b"one,two,end")?, send, 1)?;
    /// for expected in [&b"one,"[..], b"two,", b"end"] {
    ///     let mut bytes = [0; 16];
    ///     let length = peer.recv(&mut bytes)?;
    ///     assert_eq!(&bytes[..length], expected);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn segments(mut self, size: u16) -> Send<'control> {
        self.segment = size;
        self
    }

    /// Its completion triggers no notification (`RIO_MSG_DONT_NOTIFY`); it can be dequeued as any other.
    ///
    /// Its slice lies in that completion until somebody dequeues. Where receives wait for slices of the same pool, let
    /// the sends notify, or dequeue without being told: otherwise all slices may come to lie in completions that nobody
    /// is told of, and nothing is received any more.
    pub fn dont_notify(mut self) -> Send<'control> {
        self.silent = true;
        self
    }

    /// Keep it until the next plain send of this queue or a commit, then send all together
    /// (`RIO_MSG_DEFER`): up to 64 messages leave with one system call.
    ///
    /// What was deferred and leaves together is grouped by peer, so that datagrams of one length to one peer leave as one
    /// message, also when many peers are mixed. So the sends to one peer keep the order in which they were posted; those
    /// to different peers may overtake each other, and complete in the order in which they leave. A plain send leaves
    /// after all that were posted before it, and before all that are posted later.
    pub fn defer(mut self) -> Send<'control> {
        self.defer = true;
        self
    }
}
