//! The datagrams that were lost at the socket.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::losses;

impl UdpSocket {
    /// How many datagrams the kernel has dropped at this socket since it was opened: because the receive
    /// buffer was full, the checksum wrong, or the socket refused them
    /// ([`refuse_new_datagrams`](UdpSocket::refuse_new_datagrams)). It wraps around at 2^32.
    ///
    /// # Errors
    /// [`SocketError::System`] on kernels before 4.12, which do not tell; [`SocketError::NotOffered`] on Windows, which
    /// counts for the whole machine only.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::SocketError;
    ///
    /// let socket = UdpSocket::builder().receive_buffer(4096).bind("127.0.0.1:0")?;
    /// let sender = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// if let Err(error @ SocketError::NotOffered { .. }) = socket.drops() {
    ///     return Ok(println!("{error}"));
    /// }
    /// // Nobody receives, so the buffer is full soon.
    /// while socket.drops()? == 0 {
    ///     sender.send_to(&[0; 1024], socket.local_addr()?)?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drops(&self) -> Result<u32, SocketError> {
        losses::drops(self.as_fd())
    }
}
