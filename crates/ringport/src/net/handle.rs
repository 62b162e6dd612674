//! Any socket that queues serve.

use crate::backend::sys::descriptor::{AsFd, BorrowedFd};

use super::system::lending::{Lends, Tells, lend};
use super::{Domain, StreamListener, StreamSocket, UdpSocket};

/// A socket that a request queue can serve: [`UdpSocket`], [`StreamSocket`] or [`StreamListener`].
///
/// It lends its descriptor: by `AsFd` and `AsRawFd`, or by `AsSocket` and `AsRawSocket` on Windows.
///
/// No other type can be one. What a [`RequestQueue`](crate::RequestQueue) can do depends on it: only streams
/// connect, only listeners accept.
///
/// ```
/// use ringport::net::RegisteredSocket;
/// use ringport::{StreamListener, UdpSocket};
///
/// fn name(socket: &impl RegisteredSocket) -> String {
///     format!("{socket:?}")
/// }
/// let (udp, tcp) = (UdpSocket::bind("127.0.0.1:0")?, StreamListener::bind("127.0.0.1:0")?);
/// assert_ne!(name(&udp), name(&tcp));
/// # Ok::<(), ringport::net::SocketError>(())
/// ```
pub trait RegisteredSocket: sealed::IntoHandle + Lends + Tells + Clone + std::fmt::Debug {}

pub(crate) mod sealed {
    /// Gives the socket in the form that backends know; that type is the crate's own.
    #[allow(private_interfaces)]
    pub trait IntoHandle {
        fn handle(&self) -> super::SocketHandle;
        fn handle_is_stream(&self) -> bool;
    }
}

/// A socket with data of its own to move: [`UdpSocket`] or [`StreamSocket`], and no listener.
///
/// ```compile_fail
/// # use ringport::{BufferPool, CompletionQueue, Limits, RequestQueue, StreamListener};
/// let listener = StreamListener::bind("127.0.0.1:0").unwrap();
/// let queue = CompletionQueue::builder(4).polled().unwrap();
/// let limits = Limits { receives: 4, receive_buffers: 1, sends: 0, send_buffers: 0 };
/// let requests = RequestQueue::new(&listener, &queue, &queue, limits, 0).unwrap();
/// requests.receive(BufferPool::builder().build().unwrap().take().unwrap(), 0).unwrap(); // it accepts
/// ```
pub trait DataSocket: RegisteredSocket {}

impl DataSocket for UdpSocket {}
impl DataSocket for StreamSocket {}

/// Which kind of socket it is decides how its requests are done.
#[derive(Clone, Debug)]
pub(crate) enum SocketHandle {
    Datagram(UdpSocket),
    Stream(StreamSocket),
    Listener(StreamListener),
}

impl SocketHandle {
    /// Whether it has datagrams.
    #[inline(always)]
    pub(crate) fn is_datagram(&self) -> bool {
        matches!(self, SocketHandle::Datagram(_))
    }

    /// Whether its sends need no destination: a connection's go where it leads, once there is one.
    pub(crate) fn has_peer(&self) -> bool {
        match self {
            SocketHandle::Datagram(socket) => socket.peer_addr().is_ok(),
            SocketHandle::Stream(_) => true,
            SocketHandle::Listener(_) => false,
        }
    }

    /// Who owns it, to tell whether it is still open; of a listener nobody asks.
    #[cfg(windows)]
    pub(crate) fn owners(&self) -> Option<std::sync::Weak<crate::backend::sys::descriptor::OwnedFd>> {
        match self {
            SocketHandle::Datagram(socket) => Some(socket.owners()),
            SocketHandle::Stream(socket) => Some(socket.owners()),
            SocketHandle::Listener(_) => None,
        }
    }

    /// A socket of the same kind that nothing was done with, and nothing will be: it stands where one was let go of.
    /// `None` of a listener, and where the system has none left.
    pub(crate) fn nobody(&self) -> Option<SocketHandle> {
        match self {
            SocketHandle::Datagram(_) => UdpSocket::unbound(Domain::V4).ok().map(SocketHandle::Datagram),
            SocketHandle::Stream(_) => StreamSocket::new(Domain::V4).ok().map(SocketHandle::Stream),
            SocketHandle::Listener(_) => None,
        }
    }

    /// Whether it is a connection.
    #[inline(always)]
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, SocketHandle::Stream(_))
    }

    #[inline]
    fn lent(&self) -> BorrowedFd<'_> {
        match self {
            SocketHandle::Datagram(socket) => socket.as_fd(),
            SocketHandle::Stream(socket) => socket.as_fd(),
            SocketHandle::Listener(socket) => socket.as_fd(),
        }
    }
}

lend!(SocketHandle);

macro_rules! kinds {
    ($($socket:ty => $kind:ident, $stream:literal;)*) => {$(
        impl RegisteredSocket for $socket {}
        #[allow(private_interfaces)]
        impl sealed::IntoHandle for $socket {
            fn handle(&self) -> SocketHandle {
                SocketHandle::$kind(self.clone())
            }
            #[inline(always)]
            fn handle_is_stream(&self) -> bool {
                $stream
            }
        }
    )*};
}

kinds! {
    UdpSocket => Datagram, false;
    StreamSocket => Stream, true;
    StreamListener => Listener, false;
}
