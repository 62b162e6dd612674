//! What carries single operations to the kernel and says how they ended: all that differs between overlapped calls and
//! Registered I/O.
//!
//! ```text
//!   bookkeeping   requests in post order, what became of each            Windows<C>
//!       │ begin(ticket, work)          ▲ End { ticket, outcome }
//!   ────▼──────────────────────────────┼───────────────────────────────────────────
//!   carrier       one operation, its pinned memory, the port              overlapped/, rio/
//!       │ WSARecvMsg, RIOReceiveEx ..  │ packets, RIODequeueCompletion
//!   kernel
//! ```
//!
//! The bookkeeping knows which requests an operation is for, so a carrier never sees one. It promises to have at most so
//! many operations of each way in the kernel as the carrier said it can do ([`Means`]), and to name each by a place below
//! that number which no other operation of this way has. So a carrier has its memory for all of them when a socket is
//! attached, and begins one without allocating.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::windows::io::OwnedSocket;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::WSABUF;

use crate::backend::BackendKind;
use crate::backend::contract::{AttachError, Partner, Status};
use crate::backend::sys::event::{EventDescriptor, OwnedEvent};
use crate::memory::{Place, Received};
use crate::net::SocketHandle;

/// See the module. Everything is called by one thread at a time.
pub(super) trait Carrier: fmt::Debug + Send {
    /// Which backend this makes, for reports.
    fn kind(&self) -> BackendKind;

    /// As [`Contract::completions`](crate::backend::contract::Contract::completions).
    fn completions(&self) -> Option<isize> {
        None
    }

    /// As [`Contract::pair`](crate::backend::contract::Contract::pair).
    fn pair(&mut self, _partner: Option<Partner>) {}

    /// Makes a socket known, with memory for its operations. `room`: how many requests it may have.
    fn attach(&mut self, key: u32, socket: &SocketHandle, room: Room) -> Result<Means, AttachError>;

    /// Makes room for more requests; what is in the kernel stays. It may allow more operations than before, never fewer.
    fn grow(&mut self, key: u32, room: Room) -> io::Result<Means>;

    /// Begins an operation. What was refused is [`Begun::Done`] with the error. An operation that is done at once has no
    /// [`End`] later.
    ///
    /// # Safety
    /// The socket of the key is open. All memory in `work` that is behind pointers (not what is borrowed, which is only
    /// read during the call) stays where it is, and of receives is nobody else's, until the operation has ended: until
    /// this returns `Done`, or [`take`](Carrier::take) gives its end. No other operation has the same ticket meanwhile.
    unsafe fn begin(&mut self, ticket: Ticket, work: Work<'_>) -> Begun;

    /// Several operations of `key` were begun, and for now no more follow: what was held back to go together goes.
    fn commit(&mut self, _key: u32) {}

    /// Appends what has ended to `ends`, in the order in which it ended. `Look::Wait` also returns, with nothing, when
    /// the wake-up event was signalled, and may return early for no reason.
    fn take(&mut self, ends: &mut VecDeque<End>, look: Look) -> io::Result<()>;

    /// Asks the kernel to end every operation of `key`. Each still gives its end, some of them without an error. It may
    /// be called again while some are left.
    fn cancel(&mut self, key: u32);

    /// How long the kernel may take to let go of an operation that it was asked to end, while none of `key` ends. An
    /// operation that was cancelled ends within microseconds, unless a driver is at fault.
    fn patience(&self, _key: u32) -> Duration {
        Duration::from_secs(10)
    }

    /// In that time the kernel let go of nothing; it `moved` something before, or not. Whether it lets go once the socket
    /// is closed, as documented, so that nothing is lost.
    fn lingers(&mut self, _key: u32, _moved: bool) -> bool {
        false
    }

    /// Forgets a socket without operations in the kernel. Where there are some (which the bookkeeping says to be lost)
    /// it is not called, and their memory is never freed.
    fn detach(&mut self, key: u32);

    /// Has [`take`](Carrier::take) return when `wake` is signalled.
    fn watch_wake(&mut self, wake: &EventDescriptor) -> io::Result<()>;

    /// As [`Contract::descriptor`](crate::backend::contract::Contract::descriptor).
    fn descriptor(&mut self, event: &EventDescriptor) -> io::Result<Option<OwnedEvent>>;

    /// As [`Contract::arm_descriptor`](crate::backend::contract::Contract::arm_descriptor).
    fn arm_descriptor(&mut self, armed: bool) -> io::Result<()>;

    /// Has the queue looked after when this time is over, although nothing has ended: where it is on a port of the
    /// program's. Elsewhere its own thread does that.
    fn remind(&mut self, _time: Duration) -> io::Result<()> {
        Ok(())
    }

    /// System calls made so far, to be added to.
    fn calls(&mut self) -> &mut u64;

    /// The same, to be read.
    fn system_calls(&self) -> u64;

    /// An error that stopped it for good, once there was one.
    fn fault(&self) -> Option<i32> {
        None
    }
}

/// How many requests a side of a socket may have, and slices in each; 0 for a side that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) receives: u32,
    pub(super) receive_buffers: u32,
    pub(super) sends: u32,
    pub(super) send_buffers: u32,
}

/// What a carrier can do for a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Means {
    /// Operations that may be in the kernel at a time: receives, or accepts. At least 1 where there is that side, and
    /// only 1 is made use of for a connection.
    pub(super) receives: u16,
    /// Sends, or what makes and ends a connection. As above.
    pub(super) sends: u16,
    /// Slices in one operation.
    pub(super) parts: usize,
    /// It knows [`Work::Await`]. Otherwise receives that take a slice of a pool take it when they begin.
    pub(super) awaits: bool,
    /// A send may be cut into datagrams by the system.
    pub(super) cuts: bool,
}

/// Which way the data of an operation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Receives and accepts.
    In,
    /// Sends, and what makes a connection.
    Out,
}

/// Names an operation in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) key: u32,
    pub(super) way: Way,
    /// Below the number in [`Means`].
    pub(super) place: u16,
}

impl Ticket {
    /// As a context that the kernel carries.
    pub(super) fn number(self) -> u64 {
        u64::from(self.key) << 32 | u64::from(self.way == Way::Out) << 16 | u64::from(self.place)
    }

    /// From such a context.
    pub(super) fn from_number(number: u64) -> Ticket {
        let way = if number >> 16 & 1 == 0 { Way::In } else { Way::Out };
        Ticket { key: (number >> 32) as u32, way, place: number as u16 }
    }
}

/// One operation.
#[derive(Clone, Copy)]
pub(super) enum Work<'work> {
    /// Fill slices: with one datagram, or with what a connection has. The memory behind `parts` and `beside` is the
    /// operation's until its end. `place`: where the first of the parts begins, for carriers that register memory. With
    /// `whole`, of a connection, it need not end before there is no room left; if it does, it is begun again for the rest.
    Receive {
        parts: &'work [WSABUF],
        place: Place<'work>,
        beside: Option<Beside<'work>>,
        whole: bool,
        quiet: bool,
    },
    /// Wait until a connection has bytes, or none will come: a receive without memory.
    Await,
    /// Send slices, whose memory nobody writes to until the end. Peer and control data are only borrowed: a carrier
    /// whose calls read them later keeps a copy. With `quiet` nobody need be woken by the end, here and of receives: no
    /// notification may come of it, and nothing waits for its place.
    Send {
        parts: &'work [WSABUF],
        place: Place<'work>,
        peer: Option<&'work SocketAddr>,
        control: &'work [u8],
        quiet: bool,
    },
    /// Make a connection.
    Connect { peer: &'work SocketAddr },
    /// Take a connection from a listener.
    Accept,
}

/// Where the peer's address and the control data of a datagram go: the headroom of its first slice, with the address at
/// [`NAME_OFFSET`](crate::memory::NAME_OFFSET) and the control data from
/// [`CONTROL_OFFSET`](crate::memory::CONTROL_OFFSET) on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside<'work> {
    pub(super) start: *mut u8,
    pub(super) length: u32,
    /// The same for carriers that register memory.
    pub(super) place: Place<'work>,
}

/// How an operation began.
#[derive(Debug)]
pub(super) enum Begun {
    /// It is in the kernel.
    Pending,
    /// It has ended already.
    Done(Outcome),
}

/// An operation that has ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) ticket: Ticket,
    pub(super) outcome: Outcome,
}

/// How an operation ended.
#[derive(Debug)]
pub(super) struct Outcome {
    /// `Aborted` also when the socket was closed under it; errors by the numbers of Winsock.
    pub(super) status: Status,
    /// Bytes in the slices, or that were sent.
    pub(super) bytes: u32,
    /// What lies in the headroom.
    pub(super) received: Received,
    /// What an accept has brought, ready for use.
    pub(super) connection: Option<OwnedSocket>,
}

impl Outcome {
    /// One that brought nothing.
    pub(super) fn of(status: Status) -> Outcome {
        Outcome { status, bytes: 0, received: Received::default(), connection: None }
    }
}

/// How far [`Carrier::take`] may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Read memory that is shared with the kernel, no system call.
    Memory,
    /// Ask the kernel.
    Now,
    /// Sleep, unless something has ended: so long, or for ever.
    Wait(Option<Duration>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_comes_back_from_its_number() {
        for (key, way, place) in [(0, Way::In, 0), (u32::MAX, Way::Out, u16::MAX), (7, Way::In, 9)] {
            let ticket = Ticket { key, way, place };
            assert_eq!(Ticket::from_number(ticket.number()), ticket);
        }
    }
}
