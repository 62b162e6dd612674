//! The TCP server's builder: bind, options, run.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use super::connection::{ConnectionId, Message};
use super::framing::{Framing, Raw};
use super::launch::Launch;
use super::options::Options;
use super::running::{TcpHandle, TcpReport, TcpRunning};
use super::shared::Shared;
use crate::backend::BackendChoice;
use crate::memory::{HugePages, Lock};
use crate::net::StreamListener;
use crate::queue::Waiting;
use crate::server::design::Design;
use crate::server::error::ServerError;

/// A connection that was accepted, before its first message: what a handler for it is made from.
///
/// ```
/// use ringport::TcpServer;
/// use ringport::server::tcp::Message;
///
/// let server = TcpServer::bind("127.0.0.1:0")?.start_with(|arrived| {
///     println!("{} is here", arrived.peer);
///     let mut count = 0u64; // of this connection alone
///     move |message: Message<'_>| {
///         count += 1;
///         let _ = message.reply(count.to_string().as_bytes());
///     }
/// })?;
/// server.stop()?;
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Arrived {
    /// Its name in the server.
    pub id: ConnectionId,
    /// The address of the other end.
    pub peer: SocketAddr,
}

/// A TCP server: a listener, a framing, a design, and a handler that sees messages.
///
/// ```
/// use ringport::TcpServer;
/// use ringport::server::tcp::framing::Delimiter;
///
/// let server = TcpServer::bind("127.0.0.1:0")?.framing(Delimiter::new(b'\n', 4096));
/// # server.handle().stop();
/// server.run(|message| {
///     let shout = message.bytes().to_ascii_uppercase();
///     let _ = message.reply(&[&shout[..], b"\n"].concat());
/// })?;
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
///
/// # What a connection costs
///
/// A connection that is accepted reserves all slices that it may ever need: those of the longest message of its
/// [framing](super::framing::Framing::longest) and one more, and those of twice the
/// [largest reply](TcpServer::largest_reply) and one more; 5 slices of 20 KiB by default. Where the reserve cannot be
/// had the connection is refused, so those that are there never starve. Reserved is not used: an idle connection holds
/// no slice. Beside its slices a connection takes less than 1 KiB of the heap (about 820 bytes over epoll and 990 over
/// io_uring), and less than 3,200 bytes in the designs on a port, whose threads send for themselves. On Windows it is up to
/// 640 bytes more over overlapped operations, since each socket keeps places that the system writes to. Each of the
/// [`max_connections`](TcpServer::max_connections) takes, from the start, about 110 bytes for its place, in each thread of a
/// sharded design, and 1,200 in the designs on a port. Once a connection has had the most that it may have on its way, its
/// messages allocate nothing.
///
/// # What a peer can do to it
///
/// One that does not read its replies is not read from. One that is silent, that does not finish its message, or that
/// does not read to the end is closed after a [time](TcpServer::idle_timeout). One that sends what is no message is
/// closed. All are [counted](super::counters::TcpCounters).
///
/// # Defaults
///
/// [`Design::EventPolled`] on one thread; epoll, which costs less than io_uring for connections that take turns;
/// 1,024 connections; a connection is closed after 5 minutes of silence, and when a message takes longer than a
/// minute. Sharded designs have a thread a processor, each with memory of its own for as many connections as there may
/// be; those on a port two threads a processor, of which as many run as there are processors.
#[must_use = "a server serves when it is run"]
pub struct TcpServer<F = Raw> {
    launch: Launch<F>,
}

impl TcpServer<Raw> {
    /// Listens on an address, exclusively: an address in use is an error.
    ///
    /// `[::]` takes both families. Port 0 is a free port that the system chooses. From now on connections wait to be
    /// accepted, and are once the server runs. Each message is what came, as it came ([`Raw`]), until a
    /// [framing](TcpServer::framing) says otherwise.
    ///
    /// # Errors
    /// [`ServerError::Socket`] names the address, why it cannot be bound, and what to change.
    pub fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<TcpServer<Raw>, ServerError> {
        TcpServer::from_listener(StreamListener::bind(address)?)
    }

    /// Makes a server of a listener that was opened elsewhere, such as one that a service manager handed over.
    ///
    /// # Errors
    /// [`ServerError::Socket`] when its address cannot be read.
    ///
    /// ```
    /// use ringport::{StreamListener, TcpServer};
    ///
    /// let listener = StreamListener::builder().backlog(16).bind("127.0.0.1:0")?;
    /// let server = TcpServer::from_listener(listener)?;
    /// # let _ = server;
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn from_listener(listener: StreamListener) -> Result<TcpServer<Raw>, ServerError> {
        let shared = Arc::new(Shared::new(listener.local_addr()?));
        let launch = Launch { options: Options::default(), listener, shared, framing: Raw };
        Ok(TcpServer { launch })
    }
}

impl<F: Framing + Clone> TcpServer<F> {
    /// How messages are told apart. Each connection gets a copy of `framing`.
    pub fn framing<G: Framing + Clone>(self, framing: G) -> TcpServer<G> {
        let Launch { options, listener, shared, .. } = self.launch;
        TcpServer { launch: Launch { options, listener, shared, framing } }
    }

    fn set(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.launch.options);
        self
    }

    /// How completions get from the kernel to the handlers; [`Design::EventPolled`] by default. Streams are served by
    /// `polled`, `event`, `event-polled`, their sharded forms, `registered-port-1`, `registered-port` and `hybrid`.
    pub fn design(self, design: Design) -> Self {
        self.set(|options| options.design = design)
    }

    /// How many threads handle messages, 1 to 1,024. By default as many as there are processors for the sharded
    /// designs, twice as many for those on a port, and 1 for the others, which can have no more.
    pub fn threads(self, threads: usize) -> Self {
        self.set(|options| options.threads = Some(threads))
    }

    /// How many threads of a design on a port run at a time; by default, and with 0, as many as there are processors.
    pub fn concurrency(self, threads: usize) -> Self {
        self.set(|options| options.concurrency = threads)
    }

    /// The completions of a batch from which on [`Design::Hybrid`] lets another thread join in; 128 by default.
    pub fn threshold(self, completions: usize) -> Self {
        self.set(|options| options.threshold = completions)
    }

    /// Which backend carries the queues. [`BackendChoice::Automatic`], the default, follows the environment variable
    /// `RINGPORT_BACKEND` and otherwise takes epoll, which was measured to cost a connection least.
    pub fn backend(self, backend: BackendChoice) -> Self {
        self.set(|options| options.backend = backend)
    }

    /// How many connections there may be, 1 to 1,048,576; 1,024 by default. One more is refused at the door.
    pub fn max_connections(self, connections: usize) -> Self {
        self.set(|options| options.max_connections = connections)
    }

    /// The bytes of a slice, 1 to 16 MiB; 20 KiB by default. A receive brings as much at most; one that brings less has
    /// emptied the socket and spares a system call, so let a usual message be a little shorter.
    pub fn slice_size(self, bytes: usize) -> Self {
        self.set(|options| options.slice_size = bytes)
    }

    /// The most bytes that a handler sends for a message, 1 byte to 1 GiB; 16 KiB by default. A handler is called when
    /// so much fits. A connection reserves slices for twice as much.
    pub fn largest_reply(self, bytes: usize) -> Self {
        self.set(|options| options.largest_reply = bytes)
    }

    /// Slices beyond the reserves of connections, for messages that handlers [keep](Message::keep); none by default.
    pub fn spare_slices(self, slices: usize) -> Self {
        self.set(|options| options.spare_slices = slices)
    }

    /// After how long a connection is closed on which nothing happens; 5 minutes by default, `None` for never.
    pub fn idle_timeout(self, time: impl Into<Option<Duration>>) -> Self {
        let time = time.into();
        self.set(|options| options.idle_timeout = time)
    }

    /// How long a message may take from its first byte to its last; a minute by default, `None` for as long as it
    /// likes.
    pub fn message_timeout(self, time: impl Into<Option<Duration>>) -> Self {
        let time = time.into();
        self.set(|options| options.message_timeout = time)
    }

    /// How long a peer has to read what was sent before the end, and to end its side; 5 seconds by default. Then the
    /// connection is reset.
    pub fn close_timeout(self, time: Duration) -> Self {
        self.set(|options| options.close_timeout = time)
    }

    /// How long the stop of the server waits for connections that are in the middle of a message, or whose last replies
    /// have not reached the peer's system; 10 seconds by default. Then they are reset.
    pub fn stop_timeout(self, time: Duration) -> Self {
        self.set(|options| options.stop_timeout = time)
    }

    /// Whether replies leave at once (`TCP_NODELAY`); on by default, since all replies of a batch leave together anyway.
    pub fn no_delay(self, on: bool) -> Self {
        self.set(|options| options.no_delay = on)
    }

    /// Whether a wait may hold completions back so that one wake-up serves several; [`Waiting::Latency`], never, by
    /// default. The others pay where many connections send without waiting for answers.
    ///
    /// ```
    /// use ringport::server::tcp::framing::Raw;
    /// use ringport::{TcpServer, Waiting};
    ///
    /// let server = TcpServer::bind("127.0.0.1:0")?.framing(Raw).waiting(Waiting::Balanced);
    /// server.start(|message| drop(message.echo()))?.stop()?;
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn waiting(self, waiting: Waiting) -> Self {
        self.set(|options| options.waiting = waiting)
    }

    /// Whether the memory must be locked; [`Lock::Preferred`] by default.
    pub fn lock(self, lock: Lock) -> Self {
        self.set(|options| options.lock = lock)
    }

    /// Whether huge pages are asked for; [`HugePages::Off`] by default.
    pub fn huge_pages(self, huge_pages: HugePages) -> Self {
        self.set(|options| options.huge_pages = huge_pages)
    }

    /// Stops the server in order on SIGINT and SIGTERM, while it runs. A second signal ends the process as it would
    /// without a server. On Windows the same goes for what a console tells of, as with
    /// [`UdpServer`](crate::UdpServer::stop_on_signals).
    pub fn stop_on_signals(self) -> Self {
        self.set(|options| options.on_signals = true)
    }

    /// The name of the server's threads, to which their numbers are added; `ringport` by default.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set(|options| options.name = name.into())
    }

    /// The address it listens on, with the port the system chose if it was asked to.
    pub fn local_addr(&self) -> SocketAddr {
        self.launch.shared.local
    }

    /// A handle: figures and stop, for any thread.
    pub fn handle(&self) -> TcpHandle {
        TcpHandle::new(&self.launch.shared)
    }

    /// Serves until it is stopped: by a handler ([`Connection::stop_server`](super::connection::Connection::stop_server)), a
    /// handle ([`TcpHandle::stop`]) or a signal. The threads are its own; the calling one waits.
    ///
    /// The handler may run on several threads at once, for different connections. A panic in it stops the server.
    ///
    /// # Errors
    /// [`ServerError`]: an option that is not possible, memory or queues that could not be had, a handler that
    /// panicked.
    pub fn run(self, handler: impl Fn(Message<'_>) + Send + Sync) -> Result<TcpReport, ServerError> {
        let handler = &handler;
        self.run_with(|_| move |message: Message<'_>| handler(message))
    }

    /// As [`run`](TcpServer::run), with a handler made for each connection, which then needs no lock for what it keeps.
    /// It is dropped when its connection is gone. It is called by one thread at a time; in a design on a port not
    /// always by the same.
    ///
    /// # Errors
    /// As [`run`](TcpServer::run).
    pub fn run_with<H: FnMut(Message<'_>) + Send>(
        self,
        make: impl Fn(&Arrived) -> H + Sync,
    ) -> Result<TcpReport, ServerError> {
        self.launch.run(&make, || ())
    }

    /// Serves in the background. Returns when all threads are ready.
    ///
    /// # Errors
    /// As [`run`](TcpServer::run), as far as the start is concerned; [`TcpRunning::join`] tells the rest.
    pub fn start(
        self,
        handler: impl Fn(Message<'_>) + Send + Sync + 'static,
    ) -> Result<TcpRunning, ServerError> {
        let handler = Arc::new(handler);
        self.start_with(move |_| {
            let handler = Arc::clone(&handler);
            move |message: Message<'_>| handler(message)
        })
    }

    /// As [`start`](TcpServer::start), with a handler made for each connection.
    ///
    /// # Errors
    /// As [`start`](TcpServer::start).
    pub fn start_with<H: FnMut(Message<'_>) + Send + 'static>(
        self,
        make: impl Fn(&Arrived) -> H + Send + Sync + 'static,
    ) -> Result<TcpRunning, ServerError> {
        TcpRunning::start(self.launch, make)
    }
}

impl<F: fmt::Debug> fmt::Debug for TcpServer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpServer")
            .field("local_addr", &self.launch.shared.local)
            .field("framing", &self.launch.framing)
            .field("options", &self.launch.options)
            .finish_non_exhaustive()
    }
}
