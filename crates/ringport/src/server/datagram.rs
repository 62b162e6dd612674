//! What a handler sees.

mod answers;

use std::fmt;
use std::net::SocketAddr;

use super::delivery::{local_of, peer_of};
use super::error::SendError;
use super::outlet::{Outlet, Site};
use super::stop::StopReason;
use crate::memory::{Buffer, BufferMut, CapacityExceeded, HasHeader, PoolExhausted, Segment};
use crate::net::ControlMessages;

/// One received datagram: a view of the slice the kernel wrote it to.
///
/// A handler looks at it and lets it go, answers in the same slice without a copy, or keeps it. It cannot outlive
/// the handler's call; only [`keep`](Datagram::keep) and [`copy_out`](Datagram::copy_out) take its bytes along. With
/// [receive offload](super::UdpServer::receive_offload) several datagrams of one peer stand side by side in a slice;
/// each is handed over by itself, and no handler can tell.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?.start(|mut datagram| {
///     datagram.payload_mut().make_ascii_uppercase();
///     datagram.reply();
/// })?;
///
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"hello", server.local_addr())?;
/// let mut bytes = [0; 16];
/// assert_eq!(client.recv(&mut bytes)?, 5);
/// assert_eq!(&bytes[..5], b"HELLO");
/// server.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Datagram<'server> {
    segment: Segment<'server>,
    outlet: &'server dyn Outlet,
    /// Where its bytes are, if the slice had no room for a longer answer.
    moved: Option<BufferMut>,
    truncated: bool,
    /// How its reply leaves.
    pub(super) tag: u8,
}

impl<'server> Datagram<'server> {
    #[inline]
    pub(super) fn new(
        segment: Segment<'server>,
        truncated: bool,
        outlet: &'server dyn Outlet,
    ) -> Datagram<'server> {
        Datagram { segment, outlet, moved: None, truncated, tag: 0 }
    }

    /// The bytes of the datagram; none, if it had none.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        match &self.moved {
            None => &self.segment,
            Some(buffer) => buffer,
        }
    }

    /// The bytes of the datagram, to change them before a [`reply`](Datagram::reply).
    #[inline]
    pub fn payload_mut(&mut self) -> &mut [u8] {
        match &mut self.moved {
            None => &mut self.segment,
            Some(buffer) => buffer,
        }
    }

    /// The payload with the room behind it, [`slice_size`](super::UdpServer::slice_size) bytes in all: for an answer
    /// longer than the question, sent by [`reply_len`](Datagram::reply_len). What stands behind the payload is left
    /// from earlier datagrams.
    ///
    /// Where another datagram stands behind it, the payload is copied to where there is room. Should there be none
    /// anywhere, because handlers keep all slices, it is the payload alone; [`reply_with`](Datagram::reply_with) has
    /// an error for that.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(|mut datagram| {
    ///     let asked = datagram.payload().len();
    ///     datagram.slice_mut()[asked..asked + 2].copy_from_slice(b"!!");
    ///     datagram.reply_len(asked + 2).unwrap_or_else(|error| eprintln!("{error}"));
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"hey", server.local_addr())?;
    /// # let mut bytes = [0; 16];
    /// # assert_eq!(client.recv(&mut bytes)?, 5);
    /// # assert_eq!(&bytes[..5], b"hey!!");
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slice_mut(&mut self) -> &mut [u8] {
        let whole = self.site().longest as usize;
        // Without room it stays where it is.
        let _ = self.make_room(whole);
        match &mut self.moved {
            None => self.segment.whole_mut(),
            Some(buffer) => {
                let most = whole.min(buffer.capacity());
                buffer.whole_mut().get_mut(..most).unwrap_or_default()
            }
        }
    }

    /// Sees to room for so many bytes, which are at most those of a datagram.
    fn make_room(&mut self, room: usize) -> Result<(), PoolExhausted> {
        if self.moved.is_some() || self.segment.make_room(room) {
            return Ok(());
        }
        let mut buffer = self.outlet.take()?;
        // It holds the longest datagram.
        let _ = buffer.extend_from_slice(&self.segment);
        buffer.copy_name(self.segment.slice());
        self.moved = Some(buffer);
        Ok(())
    }

    /// Makes it `len` bytes long.
    fn set_len(&mut self, len: usize) -> Result<(), SendError> {
        let capacity = self.site().longest as usize;
        if len > capacity {
            return Err(CapacityExceeded { asked: len, capacity }.into());
        }
        self.make_room(len)?;
        match &mut self.moved {
            None => _ = self.segment.set_len(len),
            Some(buffer) => buffer.set_len(len)?,
        }
        Ok(())
    }

    /// Who sent it.
    #[inline]
    pub fn peer(&self) -> SocketAddr {
        peer_of(self.segment.slice())
    }

    /// The address it was sent to: that of the socket, unless the server asks the kernel for more
    /// ([`LocalAddress`](super::LocalAddress)). It may be a group's or a broadcast address.
    pub fn local(&self) -> SocketAddr {
        let site = self.site();
        let mut local = site.place.local;
        if site.place.tells_local
            && let Some(address) = local_of(self.segment.slice())
        {
            local.set_ip(address);
        }
        local
    }

    /// The number of the address that it came to, in the order of binding: 0 unless the server is bound to
    /// [several](super::UdpServer::also_bind).
    #[inline]
    pub fn socket(&self) -> usize {
        self.site().place.number
    }

    /// Whether it was larger than the slice, so that the end of it is lost: see
    /// [`slice_size`](super::UdpServer::slice_size).
    #[inline]
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// Takes the payload along, without a copy: a counted view of its slice, which is held as long as any view of it.
    /// Dropping it, on any thread, lets go; with the last one the slice goes back to the server's pool.
    ///
    /// The server goes on with another slice. It has some times as many to lend as it receives into
    /// ([defaults](super::UdpServer#defaults)); when all are lent it receives as many fewer at a time, until slices
    /// come back. With [receive offload](super::UdpServer::receive_offload) a slice has 64 KiB, all of which a small
    /// datagram holds that is kept: use [`copy_out`](Datagram::copy_out) for what stays long.
    ///
    /// ```
    /// use ringport::UdpServer;
    /// use std::sync::mpsc;
    ///
    /// let (give, take) = mpsc::channel();
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(move |datagram| {
    ///     let _ = give.send(datagram.keep());
    /// })?;
    /// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// client.send_to(b"for later", server.local_addr())?;
    /// assert_eq!(&take.recv()?[..], b"for later");
    /// server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep(self) -> Buffer {
        match self.moved {
            None => self.segment.keep(),
            Some(buffer) => buffer.freeze(),
        }
    }

    /// A copy of the payload in a slice of [`slice_size`](super::UdpServer::slice_size) bytes: for what is kept for
    /// long, so that it does not hold a large slice.
    ///
    /// # Errors
    /// [`PoolExhausted`] when as many of these slices are out as there may be.
    ///
    /// ```
    /// use ringport::UdpServer;
    /// use std::sync::mpsc;
    ///
    /// let (give, take) = mpsc::channel();
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(move |datagram| {
    ///     let _ = give.send(datagram.copy_out());
    /// })?;
    /// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// client.send_to(b"for long", server.local_addr())?;
    /// let copy = take.recv()??;
    /// assert_eq!((&copy[..], copy.capacity()), (&b"for long"[..], 2048));
    /// server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy_out(&self) -> Result<BufferMut, PoolExhausted> {
        let mut buffer = self.outlet.take()?;
        // It holds the longest datagram.
        let _ = buffer.extend_from_slice(self.payload());
        Ok(buffer)
    }

    /// The number of the thread that handles it, from 0.
    pub fn thread(&self) -> usize {
        self.site().thread
    }

    /// Runs something that may block, such as a query or a write to disk. In the designs on a port another thread
    /// goes on in the meantime, outside of the limit on running threads
    /// ([`CompletionPort::blocking`](crate::CompletionPort::blocking)); in the others it is only run, and the
    /// thread's datagrams wait.
    ///
    /// With [`ordered`](crate::UdpServer::ordered) the thread keeps the right to take datagrams, so they wait, too.
    ///
    /// ```
    /// use ringport::{Design, UdpServer};
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.design(Design::Hybrid).start(|datagram| {
    ///     let length = datagram.blocking(|| std::fs::read("/proc/version").map_or(0, |bytes| bytes.len()));
    ///     let _ = datagram.reply_with(&length.to_be_bytes());
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"how long?", server.local_addr())?;
    /// # assert_eq!(client.recv(&mut [0; 16])?, 8);
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocking<R>(&self, run: impl FnOnce() -> R) -> R {
        match self.outlet.port() {
            Some(port) => port.blocking(run),
            None => run(),
        }
    }

    /// Stops the server: what the sockets hold by now is received and handled, what was promised is sent,
    /// then the threads end.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?;
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"stop", server.local_addr())?;
    /// let report = server.run(|datagram| {
    ///     if datagram.payload() == b"stop" {
    ///         datagram.stop();
    ///     }
    /// })?;
    /// assert_eq!(report.counters.total.datagrams, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop(&self) {
        self.site().shared.stop(StopReason::Handler);
    }

    fn site(&self) -> &Site {
        self.outlet.site()
    }

    /// What the kernel told beside it: the same of all datagrams of a slice.
    #[inline]
    pub(super) fn control(&self) -> ControlMessages<'_> {
        ControlMessages::new(self.segment.slice().control_bytes())
    }
}

impl fmt::Debug for Datagram<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Datagram")
            .field("peer", &self.peer())
            .field("local", &self.local())
            .field("bytes", &self.payload().len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}
