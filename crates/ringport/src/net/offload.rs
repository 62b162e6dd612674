//! Runs of datagrams in one call: GRO on the way in, GSO on the way out.

use std::net::UdpSocket as Probe;
use std::sync::OnceLock;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::offload;
use crate::backend::sys::descriptor::{AsFd, BorrowedFd};

impl UdpSocket {
    /// Lets the kernel hand over several datagrams of one peer, of one size, as one run (`UDP_GRO`, or
    /// `UDP_RECV_MAX_COALESCED_SIZE` on Windows), with the size of a segment as
    /// [`ControlMessage::SegmentSize`](super::ControlMessage::SegmentSize); the last may be shorter. A run has up to
    /// 64 KiB, so the slices must be large, and receives must ask for control data
    /// ([`Receive::addresses`](crate::Receive::addresses)): nothing else tells where one datagram ends.
    ///
    /// # Errors
    /// [`SocketError::System`] on kernels before 5.0, [`SocketError::NotOffered`] on Windows before Windows 10 2004
    /// ([`gro_supported`]).
    ///
    /// ```
    /// use ringport::{UdpSocket, net};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// if net::gro_supported() {
    ///     socket.receive_offload(true)?;
    /// }
    /// # Ok::<(), net::SocketError>(())
    /// ```
    pub fn receive_offload(&self, on: bool) -> Result<(), SocketError> {
        offload::receive(self.as_fd(), on)
    }
}

/// Whether this kernel gathers received datagrams (`UDP_GRO`, Linux 5.0; `UDP_RECV_MAX_COALESCED_SIZE`, Windows 10
/// 2004). It is tried once, on a socket made for it.
///
/// ```
/// println!("UDP_GRO: {}", ringport::net::gro_supported());
/// ```
pub fn gro_supported() -> bool {
    static SUPPORTED: OnceLock<bool> = OnceLock::new();
    *SUPPORTED.get_or_init(|| tried(|probe| offload::receive(probe, true).is_ok()))
}

/// Whether this kernel splits a large send into datagrams (`UDP_SEGMENT`, Linux 4.18; `UDP_SEND_MSG_SIZE`, Windows 10
/// 2004). It is tried once, on a socket made for it.
///
/// ```
/// println!("UDP_SEGMENT: {}", ringport::net::gso_supported());
/// ```
pub fn gso_supported() -> bool {
    static SUPPORTED: OnceLock<bool> = OnceLock::new();
    *SUPPORTED.get_or_init(|| tried(|probe| offload::try_send(probe).is_ok()))
}

/// Whether it works on a socket of either family; nothing else tells a kernel that lacks it.
fn tried(works: impl FnOnce(BorrowedFd<'_>) -> bool) -> bool {
    let probe = Probe::bind("127.0.0.1:0").or_else(|_| Probe::bind("[::1]:0"));
    probe.is_ok_and(|probe| works(probe.as_fd()))
}
