//! A server that is bound to several addresses.
//!
//! ```text
//!   bind      ──► socket 0 ──┐
//!   also_bind ──► socket 1 ──┼──► the same threads and queues ──► handler: Datagram::socket, Datagram::local
//!   also_bind ──► socket 2 ──┘
//! ```

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};

use super::error::ServerError;
use super::options::SOCKET_BUFFER;
use super::udp::UdpServer;
use crate::net::UdpSocket;

impl UdpServer {
    /// Binds another address, which the same threads serve by the same queues. May be called many times.
    ///
    /// Handlers are told by [`Datagram::local`] and [`Datagram::socket`] where a datagram came to, and a reply leaves
    /// from there. A [`Sender`] sends from the first address, or [from another].
    ///
    /// [`Datagram::local`]: super::Datagram::local
    /// [`Datagram::socket`]: super::Datagram::socket
    /// [`Sender`]: super::Sender
    /// [from another]: super::Sender::on
    ///
    /// | design | who serves the sockets |
    /// | --- | --- |
    /// | `blocking` | each thread one of them, in turn: as many threads as addresses by default, and no fewer |
    /// | `polled`, `event`, `event-polled` | the one thread all of them, by one queue |
    /// | `port-1`, `port`, `port-batched` | all threads all of them |
    /// | `registered-port` and its like | all threads all of them; each socket is on the queue with the fewest |
    /// | `sharded-…` | each thread a socket on each address, but `sharded-blocking`, where each thread has one |
    ///
    /// Every socket has receives of its own ([`pending`](UdpServer::pending)). By default those of one address are
    /// shared out among several: with A addresses each of their sockets has an Ath part of them, and 16 at least, or 4
    /// with [receive offload](UdpServer::receive_offload). So the memory that is registered stays about the same for a
    /// few addresses, and is 262,144 bytes of payload an address for many, or 32,768 without offload: 262 MB and 33 MB
    /// for a thousand. The queues of a socket have 84 and 48 requests then, of 200 bytes each, or 400 on a port, and over
    /// io_uring a page. Set `pending` and the memory is that times the number of sockets. In the sharded designs each
    /// thread has all of it.
    ///
    /// Groups are joined on the first address.
    ///
    /// # Errors
    /// [`ServerError::Socket`] names the address, why it cannot be bound, and what to change.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.also_bind("127.0.0.1:0")?.also_bind("[::1]:0")?;
    /// let addresses = server.local_addrs();
    /// let server = server.start(|datagram| {
    ///     let number = datagram.socket() as u8;
    ///     let _ = datagram.reply_with(&[number]);
    /// })?;
    /// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// client.send_to(b"which?", addresses[1])?;
    /// let mut answer = [0];
    /// assert_eq!(client.recv_from(&mut answer)?, (1, addresses[1]));
    /// assert_eq!(answer, [1]);
    /// server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn also_bind(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<UdpServer, ServerError> {
        self.also_from_socket(UdpSocket::bind(address)?)
    }

    /// As [`also_bind`](UdpServer::also_bind), with a socket that is bound already.
    ///
    /// # Errors
    /// [`ServerError::Socket`]; in practice none.
    ///
    /// ```
    /// use ringport::{UdpServer, UdpSocket};
    ///
    /// let second = UdpSocket::bind("127.0.0.1:0")?;
    /// let address = second.local_addr()?;
    /// let server = UdpServer::bind("127.0.0.1:0")?.also_from_socket(second)?;
    /// assert_eq!(server.local_addrs(), [server.local_addr(), address]);
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn also_from_socket(self, socket: UdpSocket) -> Result<UdpServer, ServerError> {
        let local = socket.local_addr()?;
        // At once, because datagrams come from now on.
        socket.set_receive_buffer(SOCKET_BUFFER)?;
        self.launch.sockets.add(socket);
        self.launch.shared.also_bound(local);
        Ok(self.set(|options| options.addresses += 1))
    }

    /// All addresses it is bound to, in the order of binding.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.launch.shared.locals()
    }
}
