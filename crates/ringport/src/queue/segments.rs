//! The datagrams of a received run.

use std::iter::FusedIterator;

use super::Completion;

/// The datagrams in what a receive brought, one after the other; made by [`Completion::segments`].
///
/// ```
/// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Send, UdpSocket, net};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// socket.receive_offload(net::gro_supported())?;
/// let pool = BufferPool::builder().slice_size(65_536).slices_per_region(8).build()?;
/// let mut queue = CompletionQueue::builder(16).polled()?;
/// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
/// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
/// (0..4).try_for_each(|token| requests.receive_from(pool.take()?, token).map_err(Box::<dyn std::error::Error>::from))?;
///
/// // Sent as one message of three datagrams; how many of them come at once is the kernel's choice.
/// let options = Send::new().to(socket.local_addr()?).segments(4);
/// requests.send_with(pool.take_with(b"one two fin")?, options, 9)?;
///
/// let mut completions = Completions::with_capacity(16);
/// let mut datagrams = Vec::new();
/// while datagrams.len() < 3 {
///     queue.dequeue(&mut completions);
///     for completion in completions.drain().filter(|completion| completion.token() != 9) {
///         datagrams.extend(completion.segments().map(<[u8]>::to_vec));
///     }
/// }
/// assert_eq!(datagrams, [&b"one "[..], b"two ", b"fin"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Segments<'completion> {
    rest: &'completion [u8],
    size: usize,
    ended: bool,
}

impl<'completion> Iterator for Segments<'completion> {
    type Item = &'completion [u8];

    #[inline]
    fn next(&mut self) -> Option<&'completion [u8]> {
        if self.ended {
            return None;
        }
        let (segment, rest) = self.rest.split_at_checked(self.size).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.ended = rest.is_empty();
        Some(segment)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = if self.ended { 0 } else { self.rest.len().div_ceil(self.size.max(1)).max(1) };
        (left, Some(left))
    }
}

/// How many datagrams there are is known without a look at them.
impl ExactSizeIterator for Segments<'_> {}

impl FusedIterator for Segments<'_> {}

impl Completion {
    /// The bytes of each datagram but the last of a received run, which may have fewer. `None` where there is one
    /// datagram, and on a socket without [receive offload](crate::UdpSocket::receive_offload).
    ///
    /// It is control data, so it is there only of a receive that asked for such
    /// ([`Receive::addresses`](crate::Receive::addresses)). A plain one on a socket with offload brings a run as if it
    /// were one datagram.
    #[inline]
    pub fn segment_size(&self) -> Option<u16> {
        self.control().segment_size()
    }

    /// The datagrams that a receive into one slice brought: one, or with
    /// [receive offload](crate::UdpSocket::receive_offload) several of one peer, side by side in the slice. None of a
    /// receive that failed, and of one into a chain.
    ///
    /// To keep one of them [freeze](crate::BufferMut::freeze) the slice and take a [view](crate::Buffer::view).
    pub fn segments(&self) -> Segments<'_> {
        let buffer = if self.transferred() { self.buffer() } else { None };
        let rest = buffer.map_or(&[][..], |buffer| buffer);
        let size = self.segment_size().map_or(rest.len(), usize::from);
        Segments { rest, size, ended: buffer.is_none() }
    }
}
