//! The client: requests out, responses in, and a new connection where the old one is gone.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::builder::TcpClientBuilder;
use super::calls::SENDING;
use super::connecting::{Target, later};
use super::counters::ClientCounters;
use super::error::ClientError;
use super::line::Line;
use super::link::{Ended, Link};
use super::response::Response;
use super::unanswered::Unanswered;
use crate::memory::PoolFigures;
use crate::server::tcp::framing::{Framing, Raw};

const CLOSING: &str = "the end of the connection";

/// A TCP client for one thread: it sends messages, waits for the responses, and connects anew where that is needed.
///
/// ```
/// use ringport::TcpClient;
/// use ringport::server::tcp::framing::Delimiter;
/// # let lines = Delimiter::new(b'\n', 100).keep_delimiter();
/// # let server = ringport::TcpServer::bind("127.0.0.1:0")?.framing(lines).start(|message| _ = message.echo())?;
/// # let address = server.local_addr();
///
/// let mut client = TcpClient::builder(address).framing(Delimiter::new(b'\n', 4096)).connect()?;
/// assert_eq!(&client.request(b"one\n")?.bytes()[..], b"one");
///
/// // Many at a time: they leave together, and the responses come in order.
/// for number in 0..100 {
///     client.send(format!("{number}\n").as_bytes())?;
/// }
/// for number in 0..100 {
///     assert_eq!(client.receive()?.bytes(), number.to_string().as_bytes());
/// }
/// client.close()?;
/// # server.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Messages
///
/// What is sent is sent as it is given, so a program writes its own length or delimiter. What is received is cut into
/// messages by the client's [framing](TcpClientBuilder::framing). The message that comes first is the response to the
/// request that was sent first; [`receive`](TcpClient::receive) also gives messages that nobody asked for.
///
/// # A connection that ends
///
/// What was sent and not answered fails with [`ClientError::Lost`], once, and is not sent again unless
/// [`resend`](TcpClientBuilder::resend) says so; the next call connects anew. Names are resolved anew each time and
/// all addresses are tried in turn, with [pauses](TcpClientBuilder::backoff) between the rounds. A connection that the
/// peer has ended while nothing was asked is replaced without an error, before a byte is sent.
///
/// # Memory
///
/// Slices for the [longest](Framing::longest) response and one more, 4 to send from, and the
/// [spare](TcpClientBuilder::spare_slices) ones; 6 slices of 20 KiB by default. A message may be longer than the
/// slices to send from: it leaves in parts. Nothing is allocated for a request or a response, but what
/// [`resend`](TcpClientBuilder::resend) keeps. A client that does not take its responses takes no more than this
/// memory, and the peer has to wait.
pub struct TcpClient<F = Raw> {
    /// Let go of before its queue.
    pub(super) link: Option<Link<F>>,
    pub(super) line: Line,
    pub(super) target: Target,
    pub(super) framing: F,
    pub(super) unanswered: Unanswered,
    pub(super) timeout: Duration,
    pub(super) pipeline: usize,
}

impl TcpClient<Raw> {
    /// Starts making a client for `address`: a name with a port, or addresses. They are resolved at each connect.
    pub fn builder(address: impl ToSocketAddrs + fmt::Debug + Send + 'static) -> TcpClientBuilder<Raw> {
        TcpClientBuilder::new(address)
    }
}

impl<F: Framing + Clone> TcpClient<F> {
    pub(super) fn new(
        line: Line,
        target: Target,
        framing: F,
        unanswered: Unanswered,
        timeout: Duration,
        pipeline: usize,
    ) -> TcpClient<F> {
        TcpClient { link: None, line, target, framing, unanswered, timeout, pipeline }
    }

    /// Connects now, if it is not connected; else the next message does.
    ///
    /// # Errors
    /// [`ClientError::Connect`] names the address, the attempts, the time and the last reason.
    pub fn connect(&mut self) -> Result<(), ClientError> {
        self.ready(later(Instant::now(), self.target.timeout))
    }

    /// Sends a message and waits for one. Where the connection is gone it connects first. An empty message sends
    /// nothing: it waits for a greeting.
    ///
    /// # Errors
    /// [`ClientError::Unanswered`] while responses to earlier requests are to be taken, [`ClientError::Connect`],
    /// [`ClientError::Lost`], [`ClientError::TimedOut`], [`ClientError::Malformed`] and [`ClientError::NoSlices`].
    pub fn request(&mut self, message: &[u8]) -> Result<Response<'_>, ClientError> {
        if self.unanswered() > 0 {
            return Err(ClientError::Unanswered { unanswered: self.unanswered() });
        }
        let until = self.until();
        self.put(message, until)?;
        let found = self.find(until);
        if found.is_err() {
            // What comes yet must not be taken for the response to the next one.
            self.disconnect();
        }
        self.response(found?)
    }

    /// Gives a message to be sent. It leaves with others when the slices to send from are full, with
    /// [`flush`](TcpClient::flush), or when a response is waited for.
    ///
    /// # Errors
    /// [`ClientError::TooManyUnanswered`], [`ClientError::Finished`], [`ClientError::Connect`],
    /// [`ClientError::Lost`], [`ClientError::TimedOut`] and [`ClientError::NoSlices`]; after the last two the
    /// connection is closed, for a part of the message may have left.
    pub fn send(&mut self, message: &[u8]) -> Result<(), ClientError> {
        let until = self.until();
        self.put(message, until)
    }

    /// Lets the system have all that is to be sent. Responses are taken meanwhile, as far as there is memory.
    ///
    /// # Errors
    /// [`ClientError::Lost`] and [`ClientError::TimedOut`]. Where responses came before the end of the connection
    /// [`receive`](TcpClient::receive) gives them and tells of the end.
    pub fn flush(&mut self) -> Result<(), ClientError> {
        let until = self.until();
        loop {
            let Some(link) = self.link.as_mut() else { return Ok(()) };
            self.line.flush(link);
            if link.ended.is_some() && self.unanswered.len() > 0 {
                return self.settle(until);
            }
            if link.ended.is_some() || link.outgoing.is_empty() {
                return Ok(());
            }
            link.receive(&self.line.memory, true);
            if !self.line.wait(link, until)? {
                return Err(self.timed_out(SENDING));
            }
        }
    }

    /// Waits for the next message. What is to be sent is sent first.
    ///
    /// # Errors
    /// [`ClientError::Lost`] when the connection ended, after all messages that came before were given;
    /// [`ClientError::TimedOut`], after which it may be called again; [`ClientError::Malformed`],
    /// [`ClientError::NoSlices`], and [`ClientError::NotConnected`].
    pub fn receive(&mut self) -> Result<Response<'_>, ClientError> {
        let until = self.until();
        let found = self.find(until)?;
        self.response(found)
    }

    /// Sends what is to be sent and then the end: the peer reads it after the last message. Responses still come.
    ///
    /// ```
    /// use ringport::TcpClient;
    /// use ringport::client::ClientError;
    ///
    /// let server = ringport::TcpServer::bind("127.0.0.1:0")?.start(|message| _ = message.echo())?;
    /// let mut client = TcpClient::builder(server.local_addr()).connect()?;
    /// client.send(b"last")?;
    /// client.finish()?;
    /// assert_eq!(&client.receive()?.bytes()[..], b"last");
    /// assert!(matches!(client.receive(), Err(ClientError::Lost { unanswered: 0, .. }))); // the peer ended, too
    /// # server.stop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`flush`](TcpClient::flush).
    pub fn finish(&mut self) -> Result<(), ClientError> {
        self.flush()?;
        match self.link.as_mut() {
            Some(link) if !link.finished && link.ended.is_none() => {
                link.finished = true;
                link.requests.finish(0).map_err(ClientError::Post)
            }
            _ => Ok(()),
        }
    }

    /// Closes in order: what is to be sent leaves, then the end, and what the peer still sends is thrown away until it
    /// ends, too. Dropping a client closes at once.
    ///
    /// # Errors
    /// [`ClientError::TimedOut`] when the peer does not end in time, [`ClientError::Lost`] when it was reset. The
    /// client is gone in any case.
    pub fn close(mut self) -> Result<(), ClientError> {
        self.finish()?;
        let until = self.until();
        while let Some(link) = self.link.as_mut() {
            link.assembly.clear();
            match link.ended {
                Some(Ended::InOrder) => break,
                Some(ended) => {
                    let unanswered = self.unanswered.len();
                    return Err(ClientError::Lost { peer: link.peer, unanswered, reason: ended.reason() });
                }
                None => link.receive(&self.line.memory, false),
            }
            if !self.line.wait(link, until)? {
                return Err(self.timed_out(CLOSING));
            }
        }
        Ok(())
    }

    /// Requests that were sent, or are to be, and have no response.
    pub fn unanswered(&self) -> usize {
        self.unanswered.len()
    }

    /// Whether there is a connection, as far as it has been seen.
    pub fn is_connected(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.ended.is_none())
    }

    /// The other end, while there is a connection.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.link.as_ref().map(|link| link.peer)
    }

    /// What it has done so far.
    pub fn counters(&self) -> ClientCounters {
        self.line.counters
    }

    /// Its memory, as it stands.
    pub fn memory(&self) -> PoolFigures {
        self.line.memory.pool.figures()
    }
}

impl<F> fmt::Debug for TcpClient<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TcpClient")
            .field("address", &self.target.text)
            .field("peer", &self.link.as_ref().map(|link| link.peer))
            .field("unanswered", &self.unanswered.len())
            .finish_non_exhaustive()
    }
}
