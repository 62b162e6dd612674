//! Runs of datagrams in one call: GRO on the way in, GSO on the way out.

use crate::backend::sys::descriptor::AsFd;
use std::net::UdpSocket as Probe;
use std::sync::OnceLock;

use super::error::SocketError;
use super::socket::UdpSocket;
use crate::backend::sys::option;

impl UdpSocket {
    /// Lets the kernel hand over several datagrams of one peer, of one size, as one run (`UDP_GRO`), with
    /// the size of a segment as [`ControlMessage::SegmentSize`](super::ControlMessage::SegmentSize); the
    /// last may be shorter. A run has up to 64 KiB, so the slices must be large, and receives must ask for control data
    /// ([`Receive::addresses`](crate::Receive::addresses)): nothing else tells where one datagram ends.
    ///
    /// # Errors
    /// [`SocketError::System`] on kernels before 5.0 ([`gro_supported`]).
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
        option::set_switch(self.as_fd(), libc::SOL_UDP, libc::UDP_GRO, on)
            .map_err(SocketError::system("setting the receive offload of a socket"))
    }
}

/// Whether this kernel gathers received datagrams (`UDP_GRO`, Linux 5.0). It is tried once, on a socket made
/// for it.
///
/// ```
/// println!("UDP_GRO: {}", ringport::net::gro_supported());
/// ```
pub fn gro_supported() -> bool {
    static SUPPORTED: OnceLock<bool> = OnceLock::new();
    *SUPPORTED.get_or_init(|| try_option(libc::UDP_GRO, 1))
}

/// Whether this kernel splits a large send into datagrams (`UDP_SEGMENT`, Linux 4.18). It is tried once, on
/// a socket made for it.
///
/// ```
/// println!("UDP_SEGMENT: {}", ringport::net::gso_supported());
/// ```
pub fn gso_supported() -> bool {
    static SUPPORTED: OnceLock<bool> = OnceLock::new();
    *SUPPORTED.get_or_init(|| try_option(libc::UDP_SEGMENT, 1024))
}

/// Sets the option on a socket of either family; nothing else tells a kernel that lacks it.
fn try_option(name: i32, value: i32) -> bool {
    let probe = Probe::bind("127.0.0.1:0").or_else(|_| Probe::bind("[::1]:0"));
    probe.is_ok_and(|probe| option::set(probe.as_fd(), libc::SOL_UDP, name, &value).is_ok())
}
