//! Filling sockets, from this thread or from one on another processor.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crate::affinity;

/// Receive buffer of every socket that is filled; the kernel may grant less, and the fill must fit.
pub(crate) const SOCKET_BUFFER: usize = 4 << 20;

const BATCH: usize = 64;

/// A connected socket that sends the same bytes again and again.
#[derive(Debug)]
pub(crate) struct Source {
    socket: UdpSocket,
    payload: Vec<u8>,
}

impl Source {
    /// A source for `target`.
    pub(crate) fn new(target: std::net::SocketAddr, payload: usize) -> io::Result<Source> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(target)?;
        Ok(Source { socket, payload: vec![b'x'; payload] })
    }

    /// A source each of whose sends is cut into `segments` datagrams by the kernel (GSO).
    pub(crate) fn with_offload(
        target: std::net::SocketAddr,
        payload: usize,
        segments: usize,
    ) -> io::Result<Source> {
        let source = Source::new(target, payload * segments)?;
        let size = payload as libc::c_int;
        // SAFETY: the option is an integer, read from `size` with its size.
        let result = unsafe {
            libc::setsockopt(
                source.socket.as_raw_fd(),
                libc::SOL_UDP,
                libc::UDP_SEGMENT,
                (&raw const size).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if result == 0 { Ok(source) } else { Err(io::Error::last_os_error()) }
    }

    /// Where its datagrams come from.
    pub(crate) fn address(&self) -> io::Result<std::net::SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends `count` datagrams.
    pub(crate) fn send(&self, count: usize) -> io::Result<()> {
        let mut vector =
            libc::iovec { iov_base: self.payload.as_ptr().cast_mut().cast(), iov_len: self.payload.len() };
        // SAFETY: mmsghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
        let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
        for message in &mut messages {
            message.msg_hdr.msg_iov = &mut vector;
            message.msg_hdr.msg_iovlen = 1;
        }
        let mut left = count;
        while left > 0 {
            let want = left.min(BATCH) as libc::c_uint;
            // SAFETY: the first `want` headers point at one vector over the payload; the kernel only reads.
            let sent = unsafe { libc::sendmmsg(self.socket.as_raw_fd(), messages.as_mut_ptr(), want, 0) };
            if sent < 0 {
                return Err(io::Error::last_os_error());
            }
            left -= sent as usize;
        }
        Ok(())
    }
}

/// Sends from one of several sources on demand.
#[derive(Debug)]
pub(crate) enum Filler {
    /// From the calling thread, so from its processor.
    Here(Vec<Source>),
    /// From a thread of its own.
    Elsewhere(Helper),
}

impl Filler {
    /// A filler in the calling thread.
    pub(crate) fn here(sources: Vec<Source>) -> Filler {
        Filler::Here(sources)
    }

    /// A filler on processor `cpu`.
    pub(crate) fn on(cpu: usize, sources: Vec<Source>) -> Filler {
        Filler::Elsewhere(Helper::start(cpu, sources))
    }

    /// Has source `index` send `count` datagrams, and waits until they are sent.
    pub(crate) fn fill(&self, index: usize, count: usize) -> io::Result<()> {
        match self {
            Filler::Here(sources) => sources.get(index).map_or(Ok(()), |source| source.send(count)),
            Filler::Elsewhere(helper) => helper.fill(index, count),
        }
    }
}

/// A thread that fills; it sleeps between orders, the one who orders spins.
#[derive(Debug)]
pub(crate) struct Helper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// `IDLE`, `END`, or an order: source and count.
    order: AtomicUsize,
}

const IDLE: usize = 0;
const END: usize = usize::MAX;
const COUNT_BITS: u32 = 20;

impl Helper {
    fn start(cpu: usize, sources: Vec<Source>) -> Helper {
        let shared = Arc::new(Shared::default());
        let orders = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            affinity::pin(cpu)?;
            loop {
                match orders.order.load(Ordering::Acquire) {
                    IDLE => std::thread::park(),
                    END => return Ok(()),
                    order => {
                        if let Some(source) = sources.get((order >> COUNT_BITS) - 1) {
                            source.send(order & ((1 << COUNT_BITS) - 1))?;
                        }
                        orders.order.store(IDLE, Ordering::Release);
                    }
                }
            }
        });
        Helper { shared, thread: Some(thread) }
    }

    fn order(&self, order: usize) {
        self.shared.order.store(order, Ordering::Release);
        self.thread.iter().for_each(|thread| thread.thread().unpark());
    }

    fn fill(&self, index: usize, count: usize) -> io::Result<()> {
        self.order((index + 1) << COUNT_BITS | count);
        while self.shared.order.load(Ordering::Acquire) != IDLE {
            if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
                return Err(io::Error::other("the sending thread ended"));
            }
            std::hint::spin_loop();
        }
        Ok(())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.order(END);
        // An error of the thread was seen by the last fill.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
