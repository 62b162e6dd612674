//! Datagrams nobody asked for: pushes, timers, other threads.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::error::SendError;
use super::shared::Shared;
use crate::backend::is_unreachable;
use crate::backend::sys::blocking;
use crate::backend::sys::descriptor::{AsFd, BorrowedFd};
use crate::backend::sys::poll::{Interest, poll};

/// How long a push waits for room in the socket.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends from a server's socket, from any thread at any time; made by
/// [`UdpServer::sender`](super::UdpServer::sender), to be cloned freely.
///
/// A push goes straight to the socket with one system call. It takes no lock, needs none of the server's
/// memory, and waits for nobody, unless the socket is full: then for up to one second for room.
///
/// ```
/// use ringport::UdpServer;
///
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| datagram.reply())?;
/// let sender = server.sender();
/// sender.send_copy(client.local_addr()?, b"news")?;
/// let mut bytes = [0; 16];
/// assert_eq!(client.recv_from(&mut bytes)?, (4, server.local_addr()));
/// server.stop()?;
/// assert!(sender.send_copy(client.local_addr()?, b"late").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sender {
    shared: Arc<Shared>,
    /// The number of the address to send from.
    socket: usize,
}

/// Why not all datagrams of a [`send_many`](Sender::send_many) were sent.
///
/// There is one for each call; what was sent before stays sent, so go on with `&datagrams[sent..]`, or past the
/// one that failed. It may go to another thread, as any error here.
///
/// ```
/// use ringport::UdpServer;
/// use ringport::server::SendError;
///
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// let (peer, too_long) = (client.local_addr()?, vec![0; 65_536]);
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// let refused = server.sender().send_many(&[(peer, b"fits"), (peer, &too_long), (peer, b"later")]).unwrap_err();
/// assert_eq!(refused.sent, 1);
/// assert!(matches!(refused.error, SendError::TooLarge));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Error)]
#[error("{sent} datagrams were sent, then: {error}")]
pub struct SendManyError {
    /// How many were sent before: the first of them. The next one is the one that failed.
    pub sent: usize,
    /// Why the next was not.
    pub error: SendError,
}

impl Sender {
    pub(super) fn new(shared: &Arc<Shared>) -> Sender {
        Sender { shared: Arc::clone(shared), socket: 0 }
    }

    /// A sender from another address of the server, by its number in the order of binding
    /// ([`also_bind`](super::UdpServer::also_bind)); `None` where there is none of that number.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let server = UdpServer::bind("127.0.0.1:0")?.also_bind("127.0.0.1:0")?;
    /// let second = server.sender().on(1).expect("there are two");
    /// second.send_copy(client.local_addr()?, b"news")?;
    /// assert_eq!(client.recv_from(&mut [0; 16])?, (4, server.local_addrs()[1]));
    /// assert!(second.on(2).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on(&self, socket: usize) -> Option<Sender> {
        let exists = socket < self.shared.locals().len();
        exists.then(|| Sender { shared: Arc::clone(&self.shared), socket })
    }

    /// Sends a datagram. The bytes are copied by the kernel and can be used again at once.
    ///
    /// # Errors
    /// [`SendError::Full`] when the socket had no room for a second, [`SendError::TooLarge`] and
    /// [`SendError::System`] when the system refused the datagram, [`SendError::Ended`].
    pub fn send_copy(&self, peer: SocketAddr, bytes: &[u8]) -> Result<(), SendError> {
        let sockets = self.shared.sockets().ok_or(SendError::Ended)?;
        let other = sockets.other(self.socket);
        let socket = other.as_ref().unwrap_or(sockets.first()).as_fd();
        self.insist(socket, || blocking::send(socket, bytes, &peer, &[], false))?;
        self.shared.pushes.sent(1);
        Ok(())
    }

    /// Sends datagrams, up to 64 with one system call, in order.
    ///
    /// # Errors
    /// [`SendManyError`] with how many were sent before the one that failed.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let clients = [std::net::UdpSocket::bind("127.0.0.1:0")?, std::net::UdpSocket::bind("127.0.0.1:0")?];
    /// let peers = [clients[0].local_addr()?, clients[1].local_addr()?];
    /// let server = UdpServer::bind("127.0.0.1:0")?;
    /// server.sender().send_many(&peers.map(|peer| (peer, &b"to all"[..])))?;
    /// for client in clients {
    ///     assert_eq!(client.recv(&mut [0; 16])?, 6);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_many(&self, datagrams: &[(SocketAddr, &[u8])]) -> Result<(), SendManyError> {
        let ended = || SendManyError { sent: 0, error: SendError::Ended };
        let sockets = self.shared.sockets().ok_or_else(ended)?;
        let other = sockets.other(self.socket);
        let socket = other.as_ref().unwrap_or(sockets.first()).as_fd();
        let mut left = datagrams;
        while !left.is_empty() {
            let sent = self
                .insist(socket, || blocking::send_many(socket, left))
                .map_err(|error| SendManyError { sent: datagrams.len() - left.len(), error })?;
            self.shared.pushes.sent(sent);
            left = left.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Tries until it works, fails for good, or the patience is over. An error left by an ICMP message is
    /// about an earlier datagram, and taking it cleared it: it is tried once more.
    fn insist<T>(
        &self,
        socket: BorrowedFd<'_>,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T, SendError> {
        let mut excused = false;
        let mut since = None;
        let failed = loop {
            let error = match attempt() {
                Ok(value) => break Ok(value),
                Err(error) => error,
            };
            match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock => {
                    let began = *since.get_or_insert_with(Instant::now);
                    let waited = began.elapsed();
                    if waited >= PATIENCE {
                        break Err(SendError::Full { waited });
                    }
                    // An interrupted wait is followed by another attempt, as any other.
                    let _ = poll(socket, Interest::Write, Some(PATIENCE - waited));
                }
                _ if !excused && error.raw_os_error().is_some_and(is_unreachable) => excused = true,
                _ => break Err(error.into()),
            }
        };
        if let Some(began) = since {
            self.shared.pushes.waited(began.elapsed());
        }
        if failed.is_err() {
            self.shared.pushes.failed();
        }
        failed
    }
}
