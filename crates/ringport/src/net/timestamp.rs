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
    /// On Windows (`SIO_TIMESTAMPING`, from Windows 11 and Server 2022 on) the time comes as a value of the performance
    /// counter, which is turned into one of the system's clock when it is read: read it soon.
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] on earlier releases of Windows; [`SocketError::System`], in practice none.
    ///
    /// ```
    /// use ringport::net::SocketError;
    ///
    /// let socket = ringport::UdpSocket::bind("127.0.0.1:0")?;
    /// match socket.timestamps(true) {
    ///     Err(error @ SocketError::NotOffered { .. }) => println!("{error}"),
    ///     set => set?,
    /// }
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn timestamps(&self, on: bool) -> Result<(), SocketError> {
        told::timestamps(self.as_fd(), on)
    }
}
