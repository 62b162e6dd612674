//! What the kernel told beside a received datagram, value by value.
//!
//! ```text
//!   | peer | control: local address, ECN, time, size of a segment | payload ... |
//!   '------------------ headroom of the slice -------------------'
//! ```
//!
//! Each is read out of the headroom when it is asked for, so a value that nobody looks at costs what the kernel needs
//! to write it. A run of datagrams has one of each for all its segments: the kernel joins only datagrams with the same
//! ECN bits that came to the same address, and the time is that of the run.

use std::net::IpAddr;
use std::time::SystemTime;

use super::Completion;
use crate::memory::{HasHeader, Received};
use crate::net::{self, ControlMessages, Ecn};

impl Completion {
    /// The control messages of a received datagram, as far as there was room for them
    /// ([`control_truncated`](Completion::control_truncated)).
    pub fn control(&self) -> ControlMessages<'_> {
        ControlMessages::new(self.first_slice().map_or(&[], HasHeader::control_bytes))
    }

    /// Whether there was more control data than room before the payload: some of the messages are missing,
    /// or the last one is cut. Give the pool more room then
    /// ([`control`](crate::memory::BufferPoolBuilder::control)). Always false for a receive that did not ask
    /// for addresses.
    ///
    /// ```
    /// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// socket.packet_info(true)?;
    /// let pool = BufferPool::builder().slices_per_region(4).control(0).build()?;
    /// let mut queue = CompletionQueue::builder(8).polled()?;
    /// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// requests.receive_from(pool.take()?, 1)?;
    /// requests.send_to(pool.take_with(b"to myself")?, socket.local_addr()?, 2)?;
    ///
    /// let mut completions = Completions::with_capacity(8);
    /// while completions.len() < 2 {
    ///     queue.dequeue(&mut completions);
    /// }
    /// for completion in completions.drain() {
    ///     assert_eq!(completion.control_truncated(), completion.token() == 1);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn control_truncated(&self) -> bool {
        let flags = self.first_slice().map_or(0, |slice| slice.received().flags);
        flags & Received::CONTROL_TRUNCATED != 0
    }

    /// The local address a received datagram was sent to, if the socket asks for it
    /// ([`packet_info`](crate::UdpSocket::packet_info)). On a dual-stack socket one of IPv4 is `::ffff:a.b.c.d`.
    ///
    /// ```
    /// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("0.0.0.0:0")?;
    /// socket.packet_info(true)?;
    /// let pool = BufferPool::builder().slices_per_region(4).build()?;
    /// let mut queue = CompletionQueue::builder(8).polled()?;
    /// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// requests.receive_from(pool.take()?, 1)?;
    /// let address = std::net::SocketAddr::from(([127, 0, 0, 2], socket.local_addr()?.port()));
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"to the second", address)?;
    ///
    /// let mut completions = Completions::with_capacity(8);
    /// while queue.dequeue(&mut completions) == 0 {}
    /// for completion in completions.drain() {
    ///     assert_eq!(completion.local(), Some([127, 0, 0, 2].into()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn local(&self) -> Option<IpAddr> {
        self.first_slice().and_then(|slice| net::local_of(slice.control_bytes(), slice.name_bytes()))
    }

    /// What the network said of congestion with a received datagram, if the socket asks for it
    /// ([`ecn`](crate::UdpSocket::ecn)) and the receive asked for addresses.
    ///
    /// ```
    /// use ringport::net::{ControlBuffer, Ecn};
    /// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, Send, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// socket.ecn(true)?;
    /// let pool = BufferPool::builder().slices_per_region(4).build()?;
    /// let mut queue = CompletionQueue::builder(8).polled()?;
    /// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// requests.receive_from(pool.take()?, 1)?;
    ///
    /// let mut marks = ControlBuffer::new();
    /// marks.ecn(Ecn::Capable0)?;
    /// let to_myself = Send::new().to(socket.local_addr()?).control(&marks);
    /// requests.send_with(pool.take_with(b"with a mark")?, to_myself, 2)?;
    ///
    /// let mut completions = Completions::with_capacity(8);
    /// while completions.len() < 2 {
    ///     queue.dequeue(&mut completions);
    /// }
    /// for completion in completions.drain() {
    ///     assert_eq!(completion.ecn().is_some(), completion.token() == 1);
    ///     # assert!(completion.token() == 2 || completion.ecn() == Some(Ecn::Capable0) || cfg!(windows));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn ecn(&self) -> Option<Ecn> {
        self.control().ecn()
    }

    /// When the kernel received a datagram, by the system's clock, if the socket asks for it
    /// ([`timestamps`](crate::UdpSocket::timestamps)) and the receive asked for addresses.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use ringport::net::SocketError;
    /// use ringport::{BufferPool, CompletionQueue, Completions, Limits, RequestQueue, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// match socket.timestamps(true) {
    ///     Err(error @ SocketError::NotOffered { .. }) => println!("{error}"),
    ///     set => set?,
    /// }
    /// let pool = BufferPool::builder().slices_per_region(4).build()?;
    /// let mut queue = CompletionQueue::builder(8).polled()?;
    /// let limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
    /// let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0)?;
    /// requests.receive_from(pool.take()?, 1)?;
    /// requests.send_to(pool.take_with(b"now")?, socket.local_addr()?, 2)?;
    ///
    /// let mut completions = Completions::with_capacity(8);
    /// while completions.len() < 2 {
    ///     queue.dequeue(&mut completions);
    /// }
    /// for completion in completions.drain().filter(|completion| completion.token() == 1) {
    ///     if let Some(time) = completion.timestamp() {
    ///         println!("{:?} from the kernel to here", SystemTime::now().duration_since(time)?);
    ///     }
    ///     # assert!(completion.timestamp().is_some() || cfg!(windows));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn timestamp(&self) -> Option<SystemTime> {
        self.control().timestamp()
    }
}
