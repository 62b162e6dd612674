//! When the kernel received a datagram.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::told;

impl UdpSocket {
    /// Asks the kernel to tell when it received each datagram, in nanoseconds: as
    /// [`ControlMessage::Timestamp`](super::ControlMessage::Timestamp). Together with the time of handling
    /// it shows how long datagrams wait.
    ///
    /// # Errors
    /// [`SocketError::System`]; in practice none.
    ///
    /// ```
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// socket.timestamps(true)?;
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn timestamps(&self, on: bool) -> Result<(), SocketError> {
        told::timestamps(self.as_fd(), on)
    }
}
