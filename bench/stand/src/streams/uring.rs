//! One thread on io_uring, by hand: all connections receive into slices of one shared group.
//!
//! ```text
//!   receive   multishot: armed once a connection       one-shot: an entry again after each completion
//!   send      direct: send(2) out of the slice         entry: all of a batch go with the next wait
//! ```
//!
//! Receives are bundles, so that a message longer than a slice is one completion.

use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use io_uring::types::Fd;
use io_uring::{IoUring, cqueue, opcode, squeue};
use socket2::SockRef;

use super::Shared;
use super::bundle::Bundle;
use super::group::{GROUP, Group};
use crate::Failure;

const ENTRIES: u32 = 1024;
/// Flags of a receive, from the kernel's headers: do not try before the socket is readable; fill several slices.
const POLL_FIRST: u16 = 1;
const BUNDLE: u16 = 1 << 4;

/// What an entry is known by: its kind above its descriptor.
const ACCEPT: u64 = 0;
const RECEIVE: u64 = 1;
const SEND: u64 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Receive {
    Multishot,
    OneShot,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Send {
    Direct,
    Entry,
}

/// Armed once a connection; sends by a call.
pub fn multishot_direct(listener: TcpListener, shared: Shared) -> Result<(), Failure> {
    Echo::new(listener, shared, Receive::Multishot, Send::Direct)?.serve()
}

/// Armed again after each; sends by a call.
pub fn one_shot_direct(listener: TcpListener, shared: Shared) -> Result<(), Failure> {
    Echo::new(listener, shared, Receive::OneShot, Send::Direct)?.serve()
}

/// Armed once a connection; sends by an entry.
pub fn multishot_entry(listener: TcpListener, shared: Shared) -> Result<(), Failure> {
    Echo::new(listener, shared, Receive::Multishot, Send::Entry)?.serve()
}

/// Armed again after each; sends by an entry.
pub fn one_shot_entry(listener: TcpListener, shared: Shared) -> Result<(), Failure> {
    Echo::new(listener, shared, Receive::OneShot, Send::Entry)?.serve()
}

/// A connection. It stays where it is, so that the kernel may look at what is sent.
struct Connection {
    /// Closed with it.
    _descriptor: OwnedFd,
    /// What is being sent, and what came meanwhile: one send at a time keeps the bytes in order.
    sending: Bundle,
    waiting: Bundle,
    /// Nothing more is received; it goes when the last send is over.
    ended: bool,
}

struct Echo {
    ring: IoUring,
    listener: TcpListener,
    group: Group,
    receive: Receive,
    send: Send,
    /// By descriptor: the system keeps those small.
    connections: Vec<Option<Box<Connection>>>,
}

impl Echo {
    fn new(listener: TcpListener, shared: Shared, receive: Receive, send: Send) -> Result<Echo, Failure> {
        let mut builder = IoUring::builder();
        builder.setup_single_issuer().setup_defer_taskrun().setup_cqsize(4 * ENTRIES);
        let ring = builder.build(ENTRIES)?;
        let group = Group::new(&ring, shared.slices, shared.slice)?;
        Ok(Echo { ring, listener, group, receive, send, connections: Vec::new() })
    }

    fn serve(mut self) -> Result<(), Failure> {
        self.accept()?;
        let mut arrived = Vec::with_capacity(4 * ENTRIES as usize);
        loop {
            self.ring.submit_and_wait(1)?;
            arrived.extend(self.ring.completion());
            for completion in arrived.drain(..) {
                let descriptor = completion.user_data() as u32 as RawFd;
                match completion.user_data() >> 32 {
                    ACCEPT => self.accepted(&completion)?,
                    RECEIVE => self.received(descriptor, &completion)?,
                    _ => self.sent(descriptor)?,
                }
            }
        }
    }

    fn push(&mut self, entry: &squeue::Entry) -> Result<(), Failure> {
        // SAFETY: slices live until the process ends, and what a send points to as long as it is under way.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.ring.submit()?;
        }
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Failure> {
        let entry = opcode::AcceptMulti::new(Fd(self.listener.as_raw_fd())).flags(libc::SOCK_CLOEXEC);
        self.push(&entry.build().user_data(ACCEPT << 32))
    }

    fn accepted(&mut self, completion: &cqueue::Entry) -> Result<(), Failure> {
        if completion.result() >= 0 {
            // SAFETY: the kernel made the descriptor for this program, and nobody else has it.
            let descriptor = unsafe { OwnedFd::from_raw_fd(completion.result()) };
            SockRef::from(&descriptor).set_tcp_nodelay(true)?;
            let number = descriptor.as_raw_fd();
            let place = number as usize;
            if self.connections.len() <= place {
                self.connections.resize_with(place + 1, || None);
            }
            if let Some(place) = self.connections.get_mut(place) {
                let (sending, waiting) = (Bundle::new(), Bundle::new());
                *place =
                    Some(Box::new(Connection { _descriptor: descriptor, sending, waiting, ended: false }));
            }
            self.arm(number)?;
        }
        if cqueue::more(completion.flags()) { Ok(()) } else { self.accept() }
    }

    /// Begins to receive, or goes on.
    fn arm(&mut self, descriptor: RawFd) -> Result<(), Failure> {
        let entry = match self.receive {
            Receive::Multishot => opcode::RecvMultiBundle::new(Fd(descriptor), GROUP).build(),
            Receive::OneShot => opcode::Recv::new(Fd(descriptor), std::ptr::null_mut(), 0)
                .buf_group(GROUP)
                .ioprio(POLL_FIRST | BUNDLE)
                .build()
                .flags(squeue::Flags::BUFFER_SELECT),
        };
        self.push(&entry.user_data(RECEIVE << 32 | descriptor as u64))
    }

    fn received(&mut self, descriptor: RawFd, completion: &cqueue::Entry) -> Result<(), Failure> {
        let place = self.connections.get_mut(descriptor as usize).ok_or("no such connection")?;
        let connection = place.as_mut().ok_or("a connection that is gone received")?;
        match (completion.result(), cqueue::buffer_select(completion.flags())) {
            (length @ 1.., Some(first)) => {
                let Connection { sending, waiting, .. } = &mut **connection;
                let busy = !sending.is_empty();
                let bundle = if busy { waiting } else { sending };
                self.group.take(first, length as usize, bundle)?;
                if self.send == Send::Direct {
                    // A peer that is gone shows as the end of its receive.
                    let _ = bundle.send(descriptor);
                    self.group.give(bundle);
                } else if !busy {
                    let entry = bundle.entry(descriptor).user_data(SEND << 32 | descriptor as u64);
                    self.push(&entry)?;
                }
            }
            // No slice was free; by now some are given back.
            (error, _) if error == -libc::ENOBUFS => {}
            _ => {
                connection.ended = true;
                if connection.sending.is_empty() {
                    *place = None;
                }
                return Ok(());
            }
        }
        if cqueue::more(completion.flags()) { Ok(()) } else { self.arm(descriptor) }
    }

    /// A send is over: the next one, if there is something.
    fn sent(&mut self, descriptor: RawFd) -> Result<(), Failure> {
        let place = self.connections.get_mut(descriptor as usize).ok_or("no such connection")?;
        let connection = place.as_mut().ok_or("a connection that is gone sent")?;
        self.group.give(&mut connection.sending);
        if !connection.waiting.is_empty() {
            let Connection { sending, waiting, .. } = &mut **connection;
            std::mem::swap(sending, waiting);
            let entry = sending.entry(descriptor).user_data(SEND << 32 | descriptor as u64);
            return self.push(&entry);
        }
        if connection.ended {
            *place = None;
        }
        Ok(())
    }
}
