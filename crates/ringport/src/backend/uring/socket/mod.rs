//! One socket on a ring: how it receives at present, and what it has in the kernel.

mod provided;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use io_uring::{opcode, squeue, types};

use super::buffer_ring::BufferRing;
use super::group::Groups;
use super::kernel::Kernel;
use super::tag::{Tag, user_data};
use crate::backend::contract::ReceiveSide;
use crate::net::SocketHandle;

/// How the receives of a socket reach the kernel. Changes go one way, from left to right, so that no
/// traffic can make a socket swing between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// Multishot `recv`: payload only, the cheapest.
    Payload,
    /// Multishot `recvmsg`: peer address and control data go to the headroom.
    Message,
    /// A poll, then plain calls: chains, memory without the headroom, connections and listeners.
    Calls,
}

/// What a connection or listener has in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A poll: calls follow.
    Poll,
    /// A poll that stays, on a socket that is not connected yet.
    Connection,
    /// A receive into so many slices of its group.
    Receive { slices: usize },
    /// An accept, which may stay armed.
    Accept,
}

/// State of one socket.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) descriptor: RawFd,
    pub(super) key: u32,
    pub(super) mode: Mode,
    /// Its receive request (multishot or poll) is in the kernel.
    pub(super) armed: bool,
    /// That request was told to end.
    pub(super) stopping: bool,
    /// Cancellations that missed it since.
    pub(super) misses: u32,
    /// A poll for writability is in the kernel.
    pub(super) watching_write: bool,
    /// Being closed: nothing is armed any more.
    pub(super) quiescing: bool,
    /// By calls: the socket may have data now, whether or not receives are posted.
    pub(super) readable: bool,
    /// A connection that is not made yet: its receives wait for that.
    pub(super) unconnected: bool,
    /// The plain multishot met a datagram of no bytes, which consumes no buffer: from then on messages
    /// are received, where it does, so that such datagrams cannot make us rewrite the ring each time.
    pub(super) met_empty: bool,
    pub(super) buffers: Option<BufferRing>,
    /// The group id of that; of a socket that is neither a stream nor without receives.
    pub(super) ring_id: Option<u16>,
    /// What is sent on it is another's to do, so nobody tells that the connection is made.
    pub(super) only_receives: bool,
    /// By calls: what is armed.
    pub(super) request: Request,
    /// Nothing but polls and calls do for it.
    pub(super) by_calls: bool,
    /// It is a listener.
    pub(super) listens: bool,
    /// Connections that came when no accept was posted any more.
    pub(super) connections: VecDeque<OwnedFd>,
    /// Where its receives take slices from.
    pub(super) group: Option<usize>,
    /// Bytes before each payload that the message form writes to; the same for all slices of the ring.
    pub(super) headroom: u32,
    /// What the kernel reads when a multishot `recvmsg` is submitted; of datagrams only.
    message: Option<Box<libc::msghdr>>,
}

impl Socket {
    pub(super) fn new(handle: &SocketHandle, key: u32) -> Socket {
        let is_datagram = handle.is_datagram();
        // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
        let message = is_datagram.then(|| Box::new(unsafe { std::mem::zeroed() }));
        Socket {
            descriptor: handle.as_raw_fd(),
            key,
            mode: if is_datagram { Mode::Payload } else { Mode::Calls },
            armed: false,
            stopping: false,
            misses: 0,
            watching_write: false,
            quiescing: false,
            readable: false,
            unconnected: false,
            met_empty: false,
            buffers: None,
            ring_id: None,
            only_receives: false,
            request: Request::Poll,
            by_calls: false,
            listens: matches!(handle, SocketHandle::Listener(_)),
            connections: VecDeque::new(),
            group: None,
            headroom: 0,
            message,
        }
    }

    /// Something of it is in the kernel.
    pub(super) fn busy(&self) -> bool {
        self.armed || self.watching_write
    }

    /// Publishes what was posted and arms the receive request if it is not. No system call, unless the
    /// submission queue is full.
    pub(super) fn publish(
        &mut self,
        kernel: &mut Kernel,
        groups: &mut Groups,
        side: &mut ReceiveSide,
    ) -> io::Result<()> {
        if self.quiescing {
            return Ok(());
        }
        let wanted = self.wanted_mode(side);
        if wanted != self.mode {
            if self.armed {
                // The rest follows when its final completion is reaped.
                return self.stop(kernel);
            }
            self.change_mode(kernel, wanted, side)?;
        }
        if self.mode == Mode::Calls {
            return self.arm_stream(kernel, groups, side);
        }
        self.fill(side);
        if side.vectored {
            // A slice of another shape was found while filling.
            return self.publish(kernel, groups, side);
        }
        let published = self.buffers.as_ref().map_or(0, BufferRing::published);
        if published > 0 && !self.armed {
            self.arm_multishot(kernel)?;
        }
        Ok(())
    }

    /// Queues the poll before calls.
    pub(super) fn arm_poll(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        self.request = Request::Poll;
        let events = libc::POLLIN | libc::POLLRDHUP;
        let poll = opcode::PollAdd::new(types::Fd(self.descriptor), events as _).build();
        self.push(kernel, poll)
    }

    /// Queues a poll that tells of what becomes of the socket, and not again and again that it is not connected.
    pub(super) fn arm_connection_poll(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        self.request = Request::Connection;
        let events = libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP;
        let poll = opcode::PollAdd::new(types::Fd(self.descriptor), events as _).multi(true).build();
        self.push(kernel, poll)
    }

    pub(super) fn push(&mut self, kernel: &mut Kernel, entry: squeue::Entry) -> io::Result<()> {
        // SAFETY: the entry names this socket's descriptor, its boxed message header, and the slices of
        // its buffer ring or group. All of them are kept until its final completion was reaped: `quiesce`
        // waits for that, and what could not be quiesced is leaked.
        unsafe { kernel.push(&entry.user_data(user_data(self.key, Tag::Receive))) }?;
        self.armed = true;
        Ok(())
    }

    /// Queues a poll that tells when the socket takes data again.
    pub(super) fn watch_write(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        if self.watching_write || self.quiescing {
            return Ok(());
        }
        let poll = opcode::PollAdd::new(types::Fd(self.descriptor), libc::POLLOUT as _).build();
        // SAFETY: a poll points at no memory.
        unsafe { kernel.push(&poll.user_data(user_data(self.key, Tag::PollWrite))) }?;
        self.watching_write = true;
        Ok(())
    }
}
