//! Flags of a request, by name.

use std::net::SocketAddr;

use super::error::PostError;
use crate::net::ControlBuffer;

/// How a receive is posted: the flags of `RIOReceiveEx`.
///
/// ```
/// use ringport::Receive;
///
/// let silent = Receive::new().addresses().dont_notify();
/// # let _ = silent;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Receive {
    pub(crate) addresses: bool,
    pub(crate) silent: bool,
    pub(crate) wait_all: bool,
}

impl Receive {
    /// Payload only, with a notification, at once.
    pub fn new() -> Receive {
        Receive::default()
    }

    /// Also the peer's address and control data, as `RIOReceiveEx` gives them. From the first such receive
    /// on, the kernel is asked for them on this socket, which costs 30 to 170 ns a datagram.
    pub fn addresses(mut self) -> Receive {
        self.addresses = true;
        self
    }

    /// Its completion triggers no notification (`RIO_MSG_DONT_NOTIFY`); it can be dequeued as any other.
    pub fn dont_notify(mut self) -> Receive {
        self.silent = true;
        self
    }

    /// It need not run before the next plain post or a commit (`RIO_MSG_DEFER`). A receive is posted
    /// without a system call anyway, so this changes nothing and is here for those who bring RIO code.
    pub fn defer(self) -> Receive {
        self
    }

    /// Complete only when the slices are full (`RIO_MSG_WAITALL`): streams only, refused on UDP.
    pub fn wait_all(mut self) -> Receive {
        self.wait_all = true;
        self
    }
}

/// How a send is posted: the flags and arguments of `RIOSendEx`.
///
/// ```
/// use ringport::Send;
///
/// let later = Send::new().to("127.0.0.1:9".parse()?).defer();
/// # let _ = later;
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Send<'control> {
    pub(crate) to: Option<SocketAddr>,
    pub(crate) control: Option<&'control ControlBuffer>,
    pub(crate) silent: bool,
    pub(crate) defer: bool,
}

impl Send<'_> {
    /// Why a socket cannot send so: one of datagrams needs a destination, a stream has one.
    #[inline]
    pub(crate) fn fault(&self, is_stream: bool, has_peer: impl FnOnce() -> bool) -> Option<PostError> {
        if is_stream && (self.to.is_some() || self.control.is_some()) {
            return Some(PostError::NotSupported("a destination or control data (datagrams only)"));
        }
        (!is_stream && self.to.is_none() && !has_peer()).then_some(PostError::NoDestination)
    }
}

impl<'control> Send<'control> {
    /// To the connected peer, at once, with a notification.
    pub fn new() -> Send<'control> {
        Send::default()
    }

    /// The destination; needed on a socket that is not connected.
    pub fn to(mut self, peer: SocketAddr) -> Send<'control> {
        self.to = Some(peer);
        self
    }

    /// Control data: source address, segment size, ECN. It is copied, so it need not outlive the call.
    pub fn control(mut self, control: &'control ControlBuffer) -> Send<'control> {
        self.control = Some(control);
        self
    }

    /// Its completion triggers no notification (`RIO_MSG_DONT_NOTIFY`); it can be dequeued as any other.
    ///
    /// Its slice lies in that completion until somebody dequeues. Where receives wait for slices of the same pool, let
    /// the sends notify, or dequeue without being told: otherwise all slices may come to lie in completions that nobody
    /// is told of, and nothing is received any more.
    pub fn dont_notify(mut self) -> Send<'control> {
        self.silent = true;
        self
    }

    /// Keep it until the next plain send of this queue or a commit, then send all together
    /// (`RIO_MSG_DEFER`): up to 64 datagrams leave with one system call.
    pub fn defer(mut self) -> Send<'control> {
        self.defer = true;
        self
    }
}
