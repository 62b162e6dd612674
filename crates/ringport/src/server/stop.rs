//! The orderly stop: one way, whoever asks for it.
//!
//! ```text
//!   ask ──► sockets refuse new datagrams ──► flag is set ──► threads are woken
//!                                              │
//!   a thread: what is in the socket is received and handled, replies leave, the thread ends
//! ```
//!
//! The sockets are closed to new datagrams BEFORE a thread can see the flag, so a thread that then finds its
//! socket empty has handled all that was received.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use super::design::EXIT;
use super::sockets::Sockets;
use crate::port::CompletionPort;
use crate::queue::Waker;

/// Who stopped a server.
///
/// The first to ask is the one that is told, whoever asks after it; [`Report::stopped_by`](super::Report::stopped_by)
/// has it.
///
/// ```
/// use ringport::UdpServer;
/// use ringport::server::StopReason;
///
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// let client = std::net::UdpSocket::bind("127.0.0.1:0")?;
/// client.send_to(b"stop", server.local_addr())?;
/// let report = server.run(|datagram| datagram.stop())?;
/// assert_eq!(report.stopped_by, StopReason::Handler);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// A handler, by [`Datagram::stop`](super::Datagram::stop).
    Handler,
    /// Another part of the program, by [`ServerHandle::stop`](super::ServerHandle::stop) or
    /// [`Running::stop`](super::Running::stop).
    Handle,
    /// A signal, with its number: SIGINT, which Ctrl-C sends, is 2, and SIGTERM 15. On Windows, what the console told,
    /// by the number that `SetConsoleCtrlHandler` has for it: Ctrl-C 0, Ctrl-Break 1, the console is closed 2, the user
    /// logs off 5, the system shuts down 6.
    Signal(i32),
    /// An error or a panic in one of its threads.
    Failure,
}

/// What wakes threads of a server that is to stop.
#[derive(Debug)]
pub(super) enum Alarm {
    /// The wait of one completion queue ends.
    Queue(Waker),
    /// So many threads that wait on a port get a packet each.
    Port(CompletionPort, usize),
    /// A thread that is parked goes on.
    Parked(Thread),
}

impl Alarm {
    fn sound(&self) {
        match self {
            Alarm::Queue(waker) => waker.wake(),
            Alarm::Parked(thread) => thread.unpark(),
            // Refused only where so many packets wait that nobody sleeps, or nobody waits any more.
            Alarm::Port(port, threads) => (0..*threads).for_each(|_| _ = port.post(EXIT, 0)),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Stop {
    /// What the threads look at.
    asked: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    reason: Option<StopReason>,
    /// Threads block in receive calls, so sockets must be shut down to wake them.
    blocking: bool,
    alarms: Vec<Alarm>,
    /// Datagrams the sockets had dropped before they were closed to new ones, which count as drops too.
    drops: u64,
    /// A socket could not be closed to new datagrams.
    leaky: bool,
}

impl Stop {
    /// Whether the threads are to end.
    #[inline]
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the stop, unless it has begun.
    pub(super) fn ask(&self, sockets: Option<&Sockets>, reason: StopReason) {
        let mut inner = self.inner();
        if inner.reason.is_some() {
            return;
        }
        inner.reason = Some(reason);
        inner.close(sockets);
        self.asked.store(true, Ordering::Release);
        inner.alarms.iter().for_each(Alarm::sound);
    }

    /// The sockets are complete now. When the stop was asked for before, those that are new are closed too.
    pub(super) fn sockets_opened(&self, sockets: &Sockets, blocking: bool) {
        let mut inner = self.inner();
        inner.blocking = blocking;
        if inner.reason.is_some() {
            inner.drops = 0;
            inner.close(Some(sockets));
        }
    }

    /// Has `alarm` sounded by a stop. Those it wakes look at [`asked`](Stop::asked) afterwards.
    pub(super) fn wake_by(&self, alarm: Alarm) {
        self.inner().alarms.push(alarm);
    }

    /// The threads have ended.
    pub(super) fn forget_alarms(&self) {
        self.inner().alarms.clear();
    }

    pub(super) fn reason(&self) -> Option<StopReason> {
        self.inner().reason
    }

    /// Whether datagrams may still come in after the stop, so that waiting for none has to have an end.
    pub(super) fn is_leaky(&self) -> bool {
        self.inner().leaky
    }

    /// Datagrams dropped for lack of room: those until the stop, not those refused by it.
    pub(super) fn drops(&self, sockets: Option<&Sockets>) -> u64 {
        let inner = self.inner();
        if inner.reason.is_some() { inner.drops } else { sockets.map_or(0, Sockets::drops) }
    }
}

impl Inner {
    fn close(&mut self, sockets: Option<&Sockets>) {
        let Some(sockets) = sockets else { return };
        sockets.each(|socket| {
            self.drops += u64::from(socket.drops().unwrap_or(0));
            self.leaky |= socket.refuse_new_datagrams().is_err();
            if self.blocking {
                socket.end_receives();
            }
        });
    }
}
