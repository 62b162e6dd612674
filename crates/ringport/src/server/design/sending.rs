//! One send call a datagram, for the designs that have no queue of sends.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::is_no_source;
use crate::backend::is_unreachable;
use crate::backend::sys::blocking;
use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::errno;
use crate::memory::BufferMut;
use crate::net::{ControlBuffer, Ecn};
use crate::server::board::Notes;
use crate::server::metadata::mark;
use crate::server::outlet::Reply;

/// What is said of a datagram beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside {
    /// The address it leaves from, if not any.
    pub(super) source: Option<IpAddr>,
    pub(super) ecn: Option<Ecn>,
}

impl Beside {
    #[inline]
    pub(super) fn says_something(&self) -> bool {
        self.source.is_some() || self.ecn.is_some()
    }

    pub(super) fn control(self) -> ControlBuffer {
        let mut control = ControlBuffer::new();
        if let Some(source) = self.source {
            // An address that cannot be a source is left out, and the routes choose one.
            let _ = control.source(source, 0);
        }
        if let Some(ecn) = self.ecn {
            // There is room for one of each.
            let _ = control.ecn(ecn);
        }
        control
    }
}

/// Sends, whatever waits on the socket of an earlier datagram. `wait` has it wait for room, and is not asked for
/// unless there is none.
pub(super) fn send(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    peer: &SocketAddr,
    mut beside: Beside,
    notes: &Notes,
    wait: impl Fn(&mut dyn FnMut() -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let mut control = beside.control();
    let mut excused = false;
    let mut full = false;
    loop {
        let mut call = || blocking::send(socket, bytes, peer, control.as_bytes(), full);
        let sent = if full { wait(&mut call) } else { call() };
        let Err(error) = sent else { return Ok(()) };
        match error.raw_os_error().unwrap_or(errno::EIO) {
            errno::EINTR => {}
            errno::EAGAIN if !full => {
                full = true;
                notes.blocked.add(1);
            }
            // The broadcast address of a network cannot be told from others before.
            number if beside.source.is_some() && is_no_source(number) => {
                beside.source = None;
                control = beside.control();
            }
            number if !excused && is_unreachable(number) => {
                excused = true;
                // A datagram that is too large is nobody's absence.
                notes.unreachable.add(u64::from(number != errno::EMSGSIZE));
            }
            _ => return Err(error),
        }
    }
}

/// Sends a reply, with a call for each of its datagrams; gives the slice back that serves for receiving again.
pub(super) fn reply(
    socket: BorrowedFd<'_>,
    reply: Reply,
    notes: &Notes,
    wait: impl Fn(&mut dyn FnMut() -> io::Result<()>) -> io::Result<()>,
) -> Option<BufferMut> {
    let Reply { answer, cut, peer, source } = reply;
    notes.promised.add(u64::from(cut.datagrams));
    let beside = Beside { source, ecn: mark(cut.tag) };
    for datagram in cut.datagrams_in(answer.bytes()) {
        match send(socket, datagram, &peer, beside, notes, &wait) {
            Ok(()) => notes.sent.add(1),
            Err(_) => {
                notes.dropped.add(1);
                notes.failed.add(1);
            }
        }
    }
    answer.into_slice()
}
