//! Listeners: where connections come from.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use socket2::SockRef;

use crate::backend::sys::descriptor::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use crate::net::address::bind_first;
use crate::net::system::lending::lend;
use crate::net::system::local::local_address;
use crate::net::system::opening;
use crate::net::{Domain, SocketError};

/// How many connections may wait to be accepted, unless the user says otherwise. Linux takes less where
/// `net.core.somaxconn` is lower.
const BACKLOG: u32 = 4096;

/// A listener of TCP, or of a Unix socket, which Windows has none of here.
///
/// A clone is the same socket. Connections are accepted by a request queue; every method may be called from any
/// thread at any time. It is non-blocking.
///
/// ```
/// use ringport::{CompletionQueue, Completions, Limits, RequestQueue, StreamListener};
///
/// let listener = StreamListener::bind("127.0.0.1:0")?;
/// let mut queue = CompletionQueue::builder(8).event()?;
/// let limits = Limits { receives: 8, receive_buffers: 1, sends: 0, send_buffers: 0 };
/// let requests = RequestQueue::new(&listener, &queue, &queue, limits, 0)?;
/// requests.accept(1)?;
///
/// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// let mut completions = Completions::with_capacity(8);
/// queue.notify()?;
/// queue.wait(None)?;
/// queue.dequeue(&mut completions);
/// for completion in completions.drain() {
///     let socket = completion.into_stream().expect("it was accepted");
///     assert_eq!(socket.peer_addr()?, client.local_addr()?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct StreamListener(Arc<OwnedFd>);

impl StreamListener {
    /// Listens on the first of the addresses that can be bound. `[::]` takes both families, and means `0.0.0.0` on
    /// a machine without IPv6. Port 0 is a free port that the system chooses.
    ///
    /// # Errors
    /// [`SocketError`] names the address or the host, and what to change.
    ///
    /// ```
    /// let listener = ringport::StreamListener::bind("127.0.0.1:0")?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<StreamListener, SocketError> {
        StreamListener::builder().bind(address)
    }

    /// A listener with more say: shared port, families, backlog.
    ///
    /// ```
    /// let listener = ringport::StreamListener::builder().backlog(64).bind("127.0.0.1:0")?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn builder() -> StreamListenerBuilder {
        StreamListenerBuilder { reuse_port: false, only_v6: false, backlog: BACKLOG }
    }

    /// From now on other listeners of the same user may share its address.
    pub(crate) fn share_port(&self) -> Result<(), SocketError> {
        opening::may_share(true)?;
        opening::share(self.lent(), true).map_err(SocketError::system("setting SO_REUSEPORT"))
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// [`SocketError::System`] for a Unix socket, which has none.
    ///
    /// ```
    /// let listener = ringport::StreamListener::bind("127.0.0.1:0")?;
    /// println!("listening on {}", listener.local_addr()?);
    /// # Ok::<(), ringport::net::SocketError>(())
    /// ```
    pub fn local_addr(&self) -> Result<SocketAddr, SocketError> {
        local_address(self).map_err(SocketError::system("reading the address of a listener"))
    }

    pub(in crate::net) fn from_owned(descriptor: OwnedFd) -> StreamListener {
        StreamListener(Arc::new(descriptor))
    }

    #[inline]
    fn lent(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// How a listener is to be bound. See [`StreamListener::builder`].
///
/// ```
/// let listener = ringport::StreamListener::builder().backlog(16).bind("127.0.0.1:0")?;
/// # let _ = listener;
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing listens before `bind`"]
pub struct StreamListenerBuilder {
    reuse_port: bool,
    only_v6: bool,
    backlog: u32,
}

impl StreamListenerBuilder {
    /// Lets other listeners of the same user bind the same address, all with this set; the kernel spreads
    /// connections over them. Off by default. Windows does not offer it: binding fails with
    /// [`SocketError::NotOffered`]; accept on one listener, by several threads if need be.
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// Keeps a listener of IPv6 to that family. Off by default: `[::]` takes both.
    pub fn only_v6(mut self, on: bool) -> Self {
        self.only_v6 = on;
        self
    }

    /// How many connections may wait to be accepted: 4,096 by default, and never more than `net.core.somaxconn` on
    /// Linux, or 65,535 on Windows.
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = connections;
        self
    }

    /// Listens on the first of the addresses that can be bound. The builder may be used again.
    ///
    /// # Errors
    /// [`SocketError`] names the first address that could not be bound, or the host, and what to change.
    pub fn bind(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<StreamListener, SocketError> {
        opening::may_share(self.reuse_port)?;
        bind_first(&address, self.only_v6, |address| self.bind_one(address))
    }

    fn bind_one(&self, address: SocketAddr) -> io::Result<StreamListener> {
        let listener = StreamListener::from_owned(opening::stream(Domain::of(&address))?);
        let socket = SockRef::from(&*listener.0);
        if address.is_ipv6() {
            socket.set_only_v6(self.only_v6)?;
        }
        opening::before_listening(listener.lent(), self.reuse_port)?;
        socket.bind(&address.into())?;
        socket.listen(opening::backlog(self.backlog))?;
        Ok(listener)
    }
}

impl fmt::Debug for StreamListener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("StreamListener");
        if let Ok(address) = self.local_addr() {
            text.field("local", &address);
        }
        text.field("descriptor", &self.0.as_raw_fd()).finish()
    }
}

lend!(StreamListener);

impl From<TcpListener> for StreamListener {
    fn from(listener: TcpListener) -> StreamListener {
        // It cannot fail for a socket that is open.
        let _ = listener.set_nonblocking(true);
        StreamListener::from_owned(listener.into())
    }
}
