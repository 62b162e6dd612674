//! Several sockets on one port.

use super::error::SocketError;
use super::socket::UdpSocket;
use super::system::opening;
use crate::backend::sys::descriptor::AsFd;

impl UdpSocket {
    /// Lets other sockets of the same user, which must also have this set, bind this socket's address.
    ///
    /// It works on a bound socket too. So the first of a group is bound alone, which detects an address in
    /// use by another program, and opened to its group afterwards; a group that is bound with
    /// [`reuse_port`](super::UdpSocketBuilder::reuse_port) from the start would join a stranger's silently.
    ///
    /// # Errors
    /// [`SocketError::NotOffered`] for `true` on Windows, where one socket has a port: what is called sharing there
    /// (`SO_REUSEADDR`) takes the port away from the first. Serve one socket with several threads instead, on a
    /// [completion port](crate::CompletionPort). [`SocketError::System`], in practice none.
    ///
    /// ```
    /// use ringport::UdpSocket;
    /// use ringport::net::SocketError;
    ///
    /// let first = UdpSocket::bind("127.0.0.1:0")?;
    /// match first.reuse_port(true) {
    ///     Err(error @ SocketError::NotOffered { .. }) => return Ok(println!("{error}")),
    ///     shared => shared?,
    /// }
    /// let second = UdpSocket::builder().reuse_port(true).bind(first.local_addr()?)?;
    /// assert_eq!(second.local_addr()?, first.local_addr()?);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn reuse_port(&self, on: bool) -> Result<(), SocketError> {
        opening::may_share(on)?;
        opening::share(self.as_fd(), on).map_err(SocketError::system("sharing the port of a socket"))
    }
}
