//! The first step of an orderly stop: nothing new comes in.

use crate::backend::sys::descriptor::AsFd;

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::losses;

impl UdpSocket {
    /// From now on no datagram enters the socket; those in its queue can still be received. There is no way
    /// back.
    ///
    /// So a server that stops can handle all it was given, and its queue does end. The kernel counts what
    /// it refuses in [`UdpSocket::drops`].
    ///
    /// # Errors
    /// [`SocketError::System`] where the system's rules forbid filters, or the filter of another program is
    /// locked in; [`SocketError::NotOffered`] on Windows, which has nothing that keeps datagrams out of a bound socket
    /// and leaves those that are in it. A server that stops there receives for as long as it finds something, up to a
    /// limit of time.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::SocketError;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let plain = socket.to_std()?;
    /// plain.set_nonblocking(true)?;
    /// plain.send_to(b"before", socket.local_addr()?)?;
    /// match socket.refuse_new_datagrams() {
    ///     Err(error @ SocketError::NotOffered { .. }) => return Ok(println!("{error}")),
    ///     refused => refused?,
    /// }
    /// plain.send_to(b"after", socket.local_addr()?)?;
    /// let mut bytes = [0; 16];
    /// assert_eq!(plain.recv(&mut bytes)?, 6);
    /// assert!(plain.recv(&mut bytes).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse_new_datagrams(&self) -> Result<(), SocketError> {
        losses::refuse_new(self.as_fd())
    }

    /// Ends blocking receives: once the socket is empty, or, on Windows, those that wait now.
    pub(crate) fn end_receives(&self) {
        losses::end_receives(self.as_fd());
    }
}
