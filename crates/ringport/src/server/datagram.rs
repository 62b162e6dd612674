//! What a handler sees.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::error::SendError;
use super::outlet::{Outlet, Site};
use super::stop::StopReason;
use crate::backend::decode_address;
use crate::memory::{BufferMut, CapacityExceeded, Loan};
use crate::net::{ControlMessage, ControlMessages};

/// One received datagram, in the slice the kernel wrote it to.
///
/// A handler looks at it and lets it go, answers in the same slice without a copy, or keeps the slice. It
/// cannot outlive the handler's call; only [`keep`](Datagram::keep) takes its bytes along.
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
    /// Goes back to the thread that lent it unless a method takes it.
    slice: Loan<'server, dyn Outlet + 'server>,
    truncated: bool,
}

impl<'server> Datagram<'server> {
    #[inline]
    pub(super) fn new(
        buffer: BufferMut,
        truncated: bool,
        outlet: &'server (dyn Outlet + 'server),
    ) -> Datagram<'server> {
        Datagram { slice: Loan::new(buffer, outlet), truncated }
    }

    /// The bytes of the datagram; none, if it had none.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        &self.slice
    }

    /// The bytes of the datagram, to change them before a [`reply`](Datagram::reply).
    #[inline]
    pub fn payload_mut(&mut self) -> &mut [u8] {
        &mut self.slice
    }

    /// The whole slice, which begins with the payload: for an answer longer than the question, sent by
    /// [`reply_len`](Datagram::reply_len). What stands behind the payload is left from earlier datagrams.
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
        self.slice.whole_mut()
    }

    /// Who sent it.
    #[inline]
    pub fn peer(&self) -> SocketAddr {
        // The kernel states a sender with every datagram, so there always is one to decode.
        decode_address(self.slice.name_bytes())
            .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0))
    }

    /// The address it was sent to: that of the socket, unless the server asks the kernel for more
    /// ([`LocalAddress`](super::LocalAddress)). It may be a group's or a broadcast address.
    pub fn local(&self) -> SocketAddr {
        let mut local = self.site().local;
        if let Some(address) = self.told_local() {
            local.set_ip(address);
        }
        local
    }

    /// Whether it was larger than the slice, so that the end of it is lost: see
    /// [`slice_size`](super::UdpServer::slice_size).
    #[inline]
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// Sends the payload back to its sender, from the slice it stands in, without a copy.
    ///
    /// It leaves from the address the datagram came to, unless that is a group's or a broadcast address. The
    /// replies of a batch leave together. A reply that the system does not take is counted
    /// ([`ThreadCounters::replies_dropped`](super::ThreadCounters::replies_dropped)).
    #[inline]
    pub fn reply(self) {
        let outlet = self.slice.home();
        let source = if outlet.site().tells_local { source_of(&self.slice) } else { None };
        let peer = self.peer();
        outlet.reply(self.slice.take(), peer, source);
    }

    /// Replies with the first `len` bytes of the slice.
    ///
    /// # Errors
    /// [`CapacityExceeded`] when the slice is shorter; nothing is sent then.
    pub fn reply_len(mut self, len: usize) -> Result<(), CapacityExceeded> {
        self.slice.set_len(len)?;
        self.reply();
        Ok(())
    }

    /// Replies with these bytes, copied into the slice.
    ///
    /// # Errors
    /// [`CapacityExceeded`] when they are longer than the slice; nothing is sent then.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| {
    ///     if let Err(error) = datagram.reply_with(b"pong") {
    ///         eprintln!("{error}");
    ///     }
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"ping", server.local_addr())?;
    /// # let mut bytes = [0; 16];
    /// # assert_eq!(client.recv(&mut bytes)?, 4);
    /// # assert_eq!(&bytes[..4], b"pong");
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reply_with(mut self, bytes: &[u8]) -> Result<(), CapacityExceeded> {
        self.slice.set_len(bytes.len())?;
        self.slice.copy_from_slice(bytes);
        self.reply();
        Ok(())
    }

    /// Sends a copy of some bytes to anybody, from this server's socket. It leaves with the replies of the
    /// batch, in order with those. From other threads use a [`Sender`](super::Sender).
    ///
    /// # Errors
    /// [`SendError`] when no slice is free for the copy, or too many are on their way.
    pub fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        self.slice.home().send_copy(peer, bytes)
    }

    /// Takes the slice along, with the payload in it. Dropping it, on any thread, gives it back to the
    /// server's pool.
    ///
    /// The server goes on with another slice. It has [`pending`](super::UdpServer::pending) of them and
    /// two times as many to lend; when all are lent it receives as many datagrams fewer at a time, until
    /// slices come back.
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
    pub fn keep(self) -> BufferMut {
        let outlet = self.slice.home();
        let buffer = self.slice.take();
        outlet.replace();
        buffer
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
        match self.slice.home().port() {
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
        self.slice.home().site()
    }

    /// What the kernel told of the local address, if it was asked.
    fn told_local(&self) -> Option<IpAddr> {
        if self.site().tells_local { local_of(&self.slice) } else { None }
    }
}

/// The local address in the control data of a received datagram.
fn local_of(buffer: &BufferMut) -> Option<IpAddr> {
    ControlMessages::new(buffer.control_bytes()).find_map(|message| match message {
        ControlMessage::LocalAddress { address, .. } => Some(address),
        _ => None,
    })
}

/// The address an answer should leave from: none, where nothing can be sent from.
fn source_of(buffer: &BufferMut) -> Option<IpAddr> {
    local_of(buffer).filter(|address| {
        let canonical = address.to_canonical();
        !canonical.is_multicast() && canonical != IpAddr::V4(Ipv4Addr::BROADCAST)
    })
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
