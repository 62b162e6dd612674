//! A message as its handler sees it.

use std::borrow::Cow;

use super::peer::Connection;
use crate::memory::Chain;
use crate::server::tcp::assembly::Assembled;
use crate::server::tcp::error::SendRefused;
use crate::server::tcp::framing::Received;

/// A message of a connection: a view of the slices it was received in, with the connection to answer on.
///
/// ```
/// use ringport::TcpServer;
/// use ringport::server::tcp::framing::Delimiter;
/// use std::io::{Read, Write};
///
/// let server = TcpServer::bind("127.0.0.1:0")?.framing(Delimiter::new(b'\n', 100));
/// let mut client = std::net::TcpStream::connect(server.local_addr())?;
/// client.write_all(b"one\ntwo\n")?;
/// let running = server.start(|message| {
///     let answer = format!("{} bytes. ", message.len());
///     let _ = message.reply(answer.as_bytes());
/// })?;
/// let mut answers = [0; 18];
/// client.read_exact(&mut answers)?;
/// assert_eq!(&answers, b"3 bytes. 3 bytes. ");
/// # running.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Message<'call> {
    pub(super) assembled: Assembled<'call>,
    pub(super) connection: Connection<'call>,
}

impl<'call> Message<'call> {
    /// How many bytes it has, without what frames it.
    #[inline]
    pub fn len(&self) -> usize {
        self.assembled.bytes().len()
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes. Borrowed where they lie in one slice, which is the usual case; copied together where they lie in
    /// several, which allocates: [`received`](Message::received) looks at those without a copy.
    #[inline]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        self.assembled.bytes().to_cow()
    }

    /// Its bytes in the slices they lie in.
    #[inline]
    pub fn received(&self) -> Received<'_> {
        self.assembled.bytes()
    }

    /// The connection it came on.
    #[inline]
    pub fn connection(&mut self) -> &mut Connection<'call> {
        &mut self.connection
    }

    /// Its bytes and its connection at once: to answer while the message is still read.
    ///
    /// ```
    /// use ringport::TcpServer;
    ///
    /// let server = TcpServer::bind("127.0.0.1:0")?;
    /// let running = server.start(|mut message| {
    ///     let (received, connection) = message.parts();
    ///     for slice in received.slices() {
    ///         let _ = connection.send(slice);
    ///     }
    /// })?;
    /// # running.stop()?;
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    #[inline]
    pub fn parts(&mut self) -> (Received<'_>, &mut Connection<'call>) {
        (self.assembled.bytes(), &mut self.connection)
    }

    /// Sends a copy of these bytes.
    ///
    /// # Errors
    /// [`SendRefused`] when they do not fit into what the connection may still send; none of them is sent then.
    #[inline]
    pub fn reply(mut self, bytes: &[u8]) -> Result<(), SendRefused> {
        self.connection.send(bytes)
    }

    /// Sends the message itself back, without what frames it. Without a copy, too, unless it lies in more slices than
    /// the connection may have on their way at the moment.
    ///
    /// # Errors
    /// [`SendRefused`] when it does not fit into what the connection may still send; none of it is sent then. Where the
    /// server lacks slices that were [kept](Message::keep), its beginning may be.
    #[inline]
    pub fn echo(self) -> Result<(), SendRefused> {
        let Message { assembled, mut connection } = self;
        let bytes = assembled.bytes();
        let places = connection.outgoing.places();
        if bytes.contiguous().is_none() && bytes.slices().nth(places).is_some() {
            return connection.outgoing.append_all(connection.pool, bytes);
        }
        let mut result = Ok(());
        assembled.keep_with(|slice| {
            if result.is_ok() {
                result = connection.send_buffer(slice).map_err(|(refused, _)| refused);
            }
        });
        result
    }

    /// Takes the message along, without a copy: its slices stay with the chain until that is dropped. They are
    /// missing to the server meanwhile, see [`spare_slices`](crate::TcpServer::spare_slices).
    pub fn keep(self) -> Chain {
        self.assembled.keep()
    }
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("len", &self.len()).field("connection", &self.connection).finish()
    }
}
