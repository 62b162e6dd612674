//! Which of this machine's addresses a datagram was sent to.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::told;

impl UdpSocket {
    /// Asks the kernel to tell, with each datagram, the address and the interface it came to: as
    /// [`ControlMessage::LocalAddress`](super::ControlMessage::LocalAddress).
    ///
    /// A server on `0.0.0.0` or `[::]` needs it to answer from the address it was asked at. On a dual-stack
    /// socket it works for both families; an address of IPv4 then has the form `::ffff:a.b.c.d`.
    ///
    /// On Windows it is `IP_PKTINFO` and `IPV6_PKTINFO`. There the message of a datagram over IPv4 has its address as it is
    /// also on a dual-stack socket; [`Completion::local`](crate::Completion::local) and
    /// [`Datagram::local`](crate::Datagram::local) give it the form of the socket.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("0.0.0.0:0")?;
    /// socket.packet_info(true)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn packet_info(&self, on: bool) -> Result<(), SocketError> {
        told::packet_info(self.as_fd(), self.domain()?, on)
    }
}
