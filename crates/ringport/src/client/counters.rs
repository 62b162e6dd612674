//! The figures of a client.

/// What a client has done so far.
///
/// ```
/// use ringport::TcpClient;
///
/// let server = ringport::TcpServer::bind("127.0.0.1:0")?.start(|message| _ = message.echo())?;
/// let mut client = TcpClient::builder(server.local_addr()).connect()?;
/// client.request(b"hello")?;
/// let counters = client.counters();
/// assert_eq!((counters.attempts, counters.connections, counters.responses), (1, 1, 1));
/// # server.stop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientCounters {
    /// Addresses that it tried to connect to, each time.
    pub attempts: u64,
    /// Connections that were made.
    pub connections: u64,
    /// Messages that were given to it to send.
    pub requests: u64,
    /// Messages that were sent once more, on another connection.
    pub resent: u64,
    /// Messages that were received.
    pub responses: u64,
    /// Bytes that the system took.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}
