//! Datagrams that leave in one packet or not at all.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::sending;

/// What becomes of a datagram that is larger than its way takes.
///
/// ```text
///                      larger than the device takes   larger than a router on the way takes
///   Off                leaves in fragments            leaves in fragments, once the kernel knows
///   KnownPath          the send fails                 the send fails, once the kernel knows
///   Probe              the send fails                 is lost, always
/// ```
///
/// The kernel knows of a router by what that one says about a datagram before (ICMP), for ten minutes; such a message
/// may be lost, or forged. A send that fails does so with [`TooLarge`](crate::queue::OperationError::TooLarge).
///
/// On Windows it is `IP_MTU_DISCOVER`; on releases without it `IP_DONTFRAGMENT` is `KnownPath`, and there is no `Probe`.
///
/// `true` is `Probe` and `false` is `Off`, where a bare switch is enough.
///
/// ```
/// use ringport::net::DontFragment;
///
/// assert_eq!(DontFragment::from(true), DontFragment::Probe);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DontFragment {
    /// It leaves in fragments (`IP_PMTUDISC_WANT`); what the system does unless told otherwise.
    #[default]
    Off,
    /// It is refused where the kernel knows that its way does not take it (`IP_PMTUDISC_DO`). For programs that ask for
    /// the [path MTU](UdpSocket::path_mtu) and leave finding it to the kernel.
    KnownPath,
    /// It leaves if the device takes it, whatever the kernel knows of the rest of the way (`IP_PMTUDISC_PROBE`). For
    /// protocols that find out by themselves how large a datagram arrives, as QUIC does (RFC 8899): nobody can make
    /// their packets small with a forged message.
    Probe,
}

impl From<bool> for DontFragment {
    fn from(on: bool) -> DontFragment {
        if on { DontFragment::Probe } else { DontFragment::Off }
    }
}

impl UdpSocket {
    /// Has datagrams leave in one packet or not at all, in both families on a dual-stack socket.
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] for [`DontFragment::Probe`] on releases of Windows without `IP_MTU_DISCOVER`;
    /// [`SocketError::System`], in practice none.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::{DontFragment, SocketError};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// socket.dont_fragment(DontFragment::KnownPath)?;
    /// match socket.dont_fragment(true) {
    ///     Err(error @ SocketError::NotOffered { .. }) => println!("{error}"),
    ///     set => set?, // as a protocol like QUIC needs it
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn dont_fragment(&self, how: impl Into<DontFragment>) -> Result<(), SocketError> {
        sending::dont_fragment(self.as_fd(), self.domain()?, how.into())
    }
}
