//! The server's builder: bind, options, run.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use super::datagram::Datagram;
use super::design::Design;
use super::error::ServerError;
use super::handle::ServerHandle;
use super::launch::Launch;
use super::local_address::LocalAddress;
use super::options::{Options, SOCKET_BUFFER};
use super::report::Report;
use super::running::Running;
use super::sender::Sender;
use super::shared::Shared;
use super::sockets::Sockets;
use crate::backend::BackendChoice;
use crate::memory::{HugePages, Lock};
use crate::net::{Interface, UdpSocket};
use crate::queue::Waiting;

/// A UDP server: a bound socket, a design, and a handler that sees datagrams.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// # server.handle().stop();
/// server.run(|datagram| datagram.reply())?;
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
///
/// # Defaults
///
/// For a machine nothing is known of: [`Design::EventPolled`] on one thread, sleeping when there is nothing to
/// do; io_uring where it is allowed, epoll otherwise (on Windows Registered I/O where the system has it, overlapped
/// operations otherwise); [receive offload](UdpServer::receive_offload) where the kernel has it, and up to 128 results a dequeue.
///
/// The memory of a thread is mapped when it starts, and locked if that is allowed:
///
/// | | slices to receive into | others, for copies | in all |
/// | --- | --- | --- | --- |
/// | receive offload | 64 of 65,536 bytes | 256 of 2,048 bytes | 4,780,032 bytes |
/// | without | 256 of 2,048 bytes | the same | 573,440 bytes |
///
/// That is less than the 8 MiB that an ordinary user may lock. Each kind grows by as many slices at a time to eight
/// times as many, only when handlers keep slices or send copies; what is beyond the limit is then not locked. Beside it
/// stand the queues, about 200 bytes for each request: 768, or 1,344 with receive offload. A blocking thread has
/// 143,360 bytes instead. The socket's receive buffer is asked to be 4 MiB, and is what `net.core.rmem_max` allows
/// ([`Report::socket_buffer_granted`] tells). Windows gives memory in steps of 64 KiB: there it is 4,849,664, 589,824
/// and 196,608 bytes.
///
/// Sharded designs have a thread a processor by default, and all of the above for each. The designs on a port have
/// two threads a processor, of which as many run as there are processors, and share everything between them. The
/// registered ones among them have 128 receives of 65,536 bytes with receive offload, 8,986,624 bytes with those for
/// copies (9,043,968 on Windows), and 2,048 of 2,048 bytes without, 4,587,520 bytes, taken up to 1,000 at a time; and
/// 1 MiB of queues.
#[derive(Debug)]
#[must_use = "a server serves when it is run"]
pub struct UdpServer {
    pub(super) launch: Launch,
}

impl UdpServer {
    /// Binds the socket of a server, exclusively: an address in use is an error.
    ///
    /// `[::]` takes both families. Port 0 is a free port that the system chooses. From now on datagrams
    /// gather in the socket, and are handled once the server runs.
    ///
    /// # Errors
    /// [`ServerError::Socket`] names the address, why it cannot be bound, and what to change.
    pub fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<UdpServer, ServerError> {
        UdpServer::from_socket(UdpSocket::bind(address)?)
    }

    /// Makes a server of a socket that is bound already, such as one that a service manager handed over.
    ///
    /// # Errors
    /// [`ServerError::Socket`]; in practice none.
    ///
    /// ```
    /// use ringport::{UdpServer, UdpSocket};
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0")?;
    /// let address = socket.local_addr()?;
    /// assert_eq!(UdpServer::from_socket(socket)?.local_addr(), address);
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn from_socket(socket: UdpSocket) -> Result<UdpServer, ServerError> {
        let local = socket.local_addr()?;
        // At once, because datagrams come from now on.
        socket.set_receive_buffer(SOCKET_BUFFER)?;
        let sockets = Arc::new(Sockets::new(socket));
        let shared = Arc::new(Shared::new(local, &sockets));
        Ok(UdpServer { launch: Launch { options: Options::default(), sockets, shared } })
    }

    pub(super) fn set(mut self, change: impl FnOnce(&mut Options)) -> UdpServer {
        change(&mut self.launch.options);
        self
    }

    /// How datagrams get from the socket to the handlers; [`Design::EventPolled`] by default.
    pub fn design(self, design: Design) -> UdpServer {
        self.set(|options| options.design = design)
    }

    /// How many threads handle datagrams, 1 to 1,024. By default as many as there are processors for the
    /// sharded designs, twice as many for [`Design::RegisteredPort`] and [`Design::Hybrid`], so that one can take the
    /// place of another that blocks, and 1 for the others, of which only [`Design::Blocking`] can have more.
    pub fn threads(self, threads: usize) -> UdpServer {
        self.set(|options| options.threads = Some(threads))
    }

    /// Whether a wait may hold datagrams back so that one wake-up serves several; [`Waiting::Balanced`] by default.
    ///
    /// ```
    /// use ringport::{UdpServer, Waiting};
    /// use std::time::Duration;
    ///
    /// // Telemetry: nobody waits for an answer.
    /// let waiting = Waiting::Throughput { at_most: Duration::from_micros(100) };
    /// let server = UdpServer::bind("127.0.0.1:0")?.waiting(waiting).start(|_datagram| ())?;
    /// assert_eq!(server.stop()?.counters.total.datagrams, 0);
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn waiting(self, waiting: Waiting) -> UdpServer {
        self.set(|options| options.waiting = waiting)
    }

    /// Which backend carries the queues. [`BackendChoice::Automatic`], the default, follows the environment
    /// variable `RINGPORT_BACKEND` and otherwise takes io_uring where it is allowed, or on Windows Registered I/O where
    /// the system has it.
    pub fn backend(self, backend: BackendChoice) -> UdpServer {
        self.set(|options| options.backend = backend)
    }

    /// The bytes of receive buffer to ask for, for each socket; 4 MiB by default. Less may be granted.
    pub fn socket_buffer(self, bytes: usize) -> UdpServer {
        self.set(|options| options.socket_buffer = bytes)
    }

    /// How many receives each thread keeps posted, 1 to 1,048,576; 64 by default with
    /// [receive offload](UdpServer::receive_offload), each of which takes a run of datagrams, and 256 without. On each
    /// socket of a registered design on a port, whose threads share them, 128 and 2,048. A thread's memory is in
    /// proportion to it. The blocking designs do not use it.
    pub fn pending(self, receives: usize) -> UdpServer {
        self.set(|options| options.pending = Some(receives))
    }

    /// How many completions a thread takes at a time, at most, 1 to 1,048,576; 128 by default; in
    /// the registered designs on a port 1,000, and with receive offload as many as receives are posted. The replies of
    /// a batch leave at its end, so a large batch is cheap and makes its first reply wait.
    pub fn max_results(self, results: usize) -> UdpServer {
        self.set(|options| options.max_results = Some(results))
    }

    /// The bytes of a slice, 1 to 65,536; 2,048 by default. A larger datagram is cut off there, and told as
    /// [truncated](Datagram::truncated).
    pub fn slice_size(self, bytes: usize) -> UdpServer {
        self.set(|options| options.slice_size = bytes)
    }

    /// Whether the kernel may hand over several datagrams of one peer at once (`UDP_GRO`), which costs a fraction of
    /// receiving them one by one. Handlers see datagrams either way.
    ///
    /// By default it does in the registered designs, where the kernel can ([`gro_supported`](crate::net::gro_supported)).
    /// Slices to receive into then have 65,536 bytes, so fewer are posted ([`pending`](UdpServer::pending)), and others
    /// of [`slice_size`](UdpServer::slice_size) hold copies. Switch it off where memory is scarce, or where each kept
    /// datagram should hold no more than its own slice.
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?.receive_offload(false);
    /// # server.handle().stop();
    /// let report = server.run(|datagram| datagram.reply())?;
    /// let expected = if cfg!(windows) { 589_824 } else { 573_440 };
    /// assert_eq!(report.counters.registered_bytes, expected);
    /// # Ok::<(), ringport::server::ServerError>(())
    /// ```
    pub fn receive_offload(self, on: bool) -> UdpServer {
        self.set(|options| options.receive_offload = Some(on))
    }

    /// Whether the memory must be locked; [`Lock::Preferred`] by default: where the limit is too low the server
    /// runs with memory that is not locked, and says so once.
    pub fn lock(self, lock: Lock) -> UdpServer {
        self.set(|options| options.lock = lock)
    }

    /// Whether huge pages are asked for; [`HugePages::Off`] by default.
    pub fn huge_pages(self, huge_pages: HugePages) -> UdpServer {
        self.set(|options| options.huge_pages = huge_pages)
    }

    /// Pins each thread to one of these processors, in turn. By default none is pinned.
    pub fn pin(self, processors: impl Into<Vec<usize>>) -> UdpServer {
        self.set(|options| options.processors = processors.into())
    }

    /// When the kernel is asked which address a datagram came to; [`LocalAddress::WhenUnknown`] by default.
    pub fn local_address(self, when: LocalAddress) -> UdpServer {
        self.set(|options| options.local_address = when)
    }

    /// Joins a multicast group when the server starts. May be called for several groups.
    pub fn join_multicast(self, group: impl Into<IpAddr>, interface: impl Into<Interface>) -> UdpServer {
        self.set(|options| options.groups.push((group.into(), interface.into())))
    }

    /// Stops the server in order on SIGINT and SIGTERM, while it runs. A second signal ends the process as
    /// it would without a server.
    ///
    /// On Windows the same goes for what a console tells of (`SetConsoleCtrlHandler`): Ctrl-C, Ctrl-Break, that it is
    /// closed, that the user logs off, that the system shuts down. After the last three Windows gives the
    /// process a few seconds to end.
    pub fn stop_on_signals(self) -> UdpServer {
        self.set(|options| options.on_signals = true)
    }

    /// The name of the server's threads, to which their numbers are added; `ringport` by default. Linux shows
    /// the first 15 bytes.
    pub fn name(self, name: impl Into<String>) -> UdpServer {
        self.set(|options| options.name = name.into())
    }

    /// The address it is bound to, with the port the system chose if it was asked to; of several the first.
    pub fn local_addr(&self) -> SocketAddr {
        self.launch.shared.local
    }

    /// A handle: figures, groups, stop.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(&self.launch.shared)
    }

    /// A sender, to push datagrams from the server's socket.
    pub fn sender(&self) -> Sender {
        Sender::new(&self.launch.shared)
    }

    /// Serves until it is stopped: by a handler ([`Datagram::stop`]), a handle ([`ServerHandle::stop`]) or a
    /// signal ([`UdpServer::stop_on_signals`]). The threads are its own; the calling one waits.
    ///
    /// The handler may run on several threads at once. A panic in it stops the server in order.
    ///
    /// # Errors
    /// [`ServerError`]: an option that is not possible, memory or queues that could not be had, a handler
    /// that panicked.
    pub fn run(self, handler: impl Fn(Datagram<'_>) + Send + Sync) -> Result<Report, ServerError> {
        self.run_with(|_| &handler)
    }

    /// As [`run`](UdpServer::run), with a handler made on each thread, which then needs no lock for what it
    /// keeps.
    ///
    /// # Errors
    /// As [`run`](UdpServer::run).
    ///
    /// ```
    /// use ringport::UdpServer;
    ///
    /// let server = UdpServer::bind("127.0.0.1:0")?;
    /// std::net::UdpSocket::bind("127.0.0.1:0")?.send_to(b"stop", server.local_addr())?;
    /// server.run_with(|thread| {
    ///     let mut seen = 0u64;
    ///     move |datagram| {
    ///         seen += 1;
    ///         println!("thread {thread}: {seen} datagrams");
    ///         datagram.stop();
    ///     }
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_with<H: FnMut(Datagram<'_>)>(
        self,
        make: impl Fn(usize) -> H + Sync,
    ) -> Result<Report, ServerError> {
        self.launch.run(&make, || ())
    }

    /// Serves in the background. Returns when all threads are ready.
    ///
    /// # Errors
    /// As [`run`](UdpServer::run), as far as the start is concerned; [`Running::join`] tells the rest.
    pub fn start(
        self,
        handler: impl Fn(Datagram<'_>) + Send + Sync + 'static,
    ) -> Result<Running, ServerError> {
        let handler = Arc::new(handler);
        self.start_with(move |_| {
            let handler = Arc::clone(&handler);
            move |datagram: Datagram<'_>| handler(datagram)
        })
    }

    /// As [`start`](UdpServer::start), with a handler made on each thread.
    ///
    /// # Errors
    /// As [`start`](UdpServer::start).
    pub fn start_with<H: FnMut(Datagram<'_>)>(
        self,
        make: impl Fn(usize) -> H + Send + Sync + 'static,
    ) -> Result<Running, ServerError> {
        Running::start(self.launch, make)
    }
}
