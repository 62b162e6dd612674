//! What a server asks of each datagram beside its bytes, and what it says of those it sends.
//!
//! ```text
//!   ecn(true), timestamps(true) ──► each socket ──► control data ──► Datagram::ecn, Datagram::received_at
//!   dont_fragment(..) ────────────► each socket ──► every reply
//!   Datagram::mark_reply ─────────► the tag of a run ──► control data of that reply
//! ```

use std::net::SocketAddr;
use std::time::SystemTime;

use super::datagram::Datagram;
use super::options::Options;
use super::udp::UdpServer;
use crate::net::{DontFragment, Ecn, SocketError, UdpSocket};

impl UdpServer {
    /// Whether the kernel is asked for the bits of congestion notification, for [`Datagram::ecn`]; off by default. It
    /// costs 60 to 90 ns a datagram, or a run of them.
    ///
    /// ```
    /// use ringport::UdpServer;
    /// use ringport::net::Ecn;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.ecn(true).start(|mut datagram| {
    ///     // Whoever takes part is answered in kind.
    ///     if datagram.ecn().is_some_and(|ecn| ecn != Ecn::NotCapable) {
    ///         datagram.mark_reply(Ecn::Capable0);
    ///     }
    ///     datagram.reply();
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"hello", server.local_addr())?;
    /// # assert_eq!(client.recv(&mut [0; 16])?, 5);
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ecn(self, on: bool) -> UdpServer {
        self.set(|options| options.ecn = on)
    }

    /// Whether the kernel is asked when it received each datagram, for [`Datagram::received_at`]; off by default. It
    /// costs 60 to 90 ns a datagram, or a run of them.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use ringport::UdpServer;
    ///
    /// # // Windows tells it from Windows 11 and Server 2022 on, and Wine never.
    /// # if cfg!(windows) && ringport::UdpSocket::bind("127.0.0.1:0")?.timestamps(true).is_err() { return Ok(()) }
    /// let server = UdpServer::bind("127.0.0.1:0")?.timestamps(true).start(|datagram| {
    ///     let waited = datagram.received_at().and_then(|time| SystemTime::now().duration_since(time).ok());
    ///     println!("{waited:?} from the kernel to the handler");
    ///     datagram.reply();
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"hello", server.local_addr())?;
    /// # assert_eq!(client.recv(&mut [0; 16])?, 5);
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timestamps(self, on: bool) -> UdpServer {
        self.set(|options| options.timestamps = on)
    }

    /// Whether what the server sends leaves in one packet or not at all; it may be cut by default. `true` is
    /// [`DontFragment::Probe`], what protocols like QUIC need.
    ///
    /// A reply that is too large is dropped and counted
    /// ([`replies_dropped`](super::ThreadCounters::replies_dropped)); a [`Sender`](super::Sender) says
    /// [`TooLarge`](super::SendError::TooLarge). How large it may be tells [`net::path_mtu`](crate::net::path_mtu).
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// # // Wine does not offer it.
    /// # if cfg!(windows) && ringport::UdpSocket::bind("127.0.0.1:0")?.dont_fragment(true).is_err() { return Ok(()) }
    /// let server = UdpServer::bind("127.0.0.1:0")?.dont_fragment(true);
    /// # server.handle().stop();
    /// server.run(|datagram| datagram.reply())?;
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn dont_fragment(self, how: impl Into<DontFragment>) -> UdpServer {
        self.set(|options| options.dont_fragment = how.into())
    }
}

impl Options {
    /// Whether the kernel is asked for more than the peer, on a socket bound to `local`.
    pub(super) fn asks_for_control(&self, local: SocketAddr) -> bool {
        self.asks_for_local(local) || self.offload() || self.ecn || self.timestamps
    }

    /// Sets up a socket that is bound to `local`.
    pub(super) fn ask(&self, socket: &UdpSocket, local: SocketAddr) -> Result<(), SocketError> {
        if self.asks_for_local(local) {
            socket.packet_info(true)?;
        }
        if self.ecn {
            socket.ecn(true)?;
        }
        if self.timestamps {
            socket.timestamps(true)?;
        }
        match self.dont_fragment {
            DontFragment::Off => Ok(()),
            how => socket.dont_fragment(how),
        }
    }
}

impl Datagram<'_> {
    /// What the network said of congestion, if the server [asks](UdpServer::ecn) for it.
    #[inline]
    pub fn ecn(&self) -> Option<Ecn> {
        self.control().ecn()
    }

    /// When the kernel received it, by the system's clock, if the server [asks](UdpServer::timestamps) for it. With
    /// [receive offload](UdpServer::receive_offload) datagrams that came together have one time.
    #[inline]
    pub fn received_at(&self) -> Option<SystemTime> {
        self.control().timestamp()
    }

    /// The reply to this datagram leaves with these bits of congestion notification. Replies that leave together are
    /// sent as one only where they have the same.
    ///
    /// ```
    /// use ringport::UdpServer;
    /// use ringport::net::Ecn;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.start(|mut datagram| {
    ///     datagram.mark_reply(Ecn::Capable0);
    ///     datagram.reply();
    /// })?;
    /// # let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// # client.send_to(b"hello", server.local_addr())?;
    /// # assert_eq!(client.recv(&mut [0; 16])?, 5);
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn mark_reply(&mut self, ecn: Ecn) {
        self.tag = tag(ecn);
    }
}

/// The tag of a run whose datagrams leave with these bits; 0 is that of one without any.
fn tag(ecn: Ecn) -> u8 {
    ecn.bits() + 1
}

/// The bits that a run leaves with.
pub(super) fn mark(tag: u8) -> Option<Ecn> {
    tag.checked_sub(1).map(Ecn::from_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_that_of_its_mark() {
        for ecn in [Ecn::NotCapable, Ecn::Capable0, Ecn::Capable1, Ecn::CongestionExperienced] {
            assert_eq!(mark(tag(ecn)), Some(ecn));
        }
        assert_eq!(mark(0), None);
    }
}
