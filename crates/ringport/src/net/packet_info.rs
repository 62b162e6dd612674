//! Which of this machine's addresses a datagram was sent to.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::{Domain, UdpSocket};
use crate::backend::sys::option;

impl UdpSocket {
    /// Asks the kernel to tell, with each datagram, the address and the interface it came to: as
    /// [`ControlMessage::LocalAddress`](super::ControlMessage::LocalAddress).
    ///
    /// A server on `0.0.0.0` or `[::]` needs it to answer from the address it was asked at. On a dual-stack
    /// socket it works for both families; an address of IPv4 then has the form `::ffff:a.b.c.d`.
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
        // On a dual-stack socket the option of IPv6 covers datagrams of IPv4 too. Setting that of IPv4 as
        // well would tell each address twice, and the room for control data is small.
        let (level, name) = match self.domain()? {
            Domain::V4 => (libc::IPPROTO_IP, libc::IP_PKTINFO),
            Domain::V6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
        };
        option::set_switch(self.as_fd(), level, name, on)
            .map_err(SocketError::system("asking for the local address of datagrams"))
    }
}
