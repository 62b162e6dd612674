//! Where the packets of one completion queue come in, on a completion port that others use as well.
//!
//! ```text
//!   an operation has ended, RIONotify fired, a wake-up ─► port ─► a thread that waits there
//!                                                                   │ note
//!                                                                   ▼
//!   the carrier, in whichever thread works for the queue ◄─ take ─ [ o7  o9  s3 ]
//! ```
//!
//! The number of the queue is the key of its packets. The port's threads take them, in any order and several at a
//! time; what each brings is kept here until the queue is worked for, by that thread or by one that is at it.

use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::iocp::Iocp;

/// What a packet brought: the address of whatever has ended. Nobody follows it before it was looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival(pub(super) *mut OVERLAPPED);

// SAFETY: the pointer is a number to this type, and to whoever takes it: places are looked up by it.
unsafe impl Send for Arrival {}

/// What was noted and not taken yet.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) arrivals: Vec<Arrival>,
    /// Sockets that belong to another port, of which an operation may have ended.
    pub(super) sockets: Vec<u32>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Landing {
    port: Arc<Iocp>,
    number: usize,
    noted: Mutex<Noted>,
    survey: AtomicBool,
}

impl Landing {
    pub(super) fn new(port: Arc<Iocp>, number: usize) -> Landing {
        Landing { port, number, noted: Mutex::default(), survey: AtomicBool::new(false) }
    }

    /// The key of its packets.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// A packet was taken.
    #[inline]
    pub(crate) fn note(&self, arrival: Arrival) {
        if !arrival.0.is_null() {
            self.noted().arrivals.push(arrival);
        }
    }

    /// Has all operations looked at by the next look, whether their packets were taken or not: for somebody who wants
    /// to know where nobody waits at the port.
    pub(crate) fn survey(&self) {
        self.survey.store(true, Ordering::Release);
    }

    pub(super) fn port(&self) -> &Arc<Iocp> {
        &self.port
    }

    pub(super) fn handle(&self) -> HANDLE {
        self.port.as_raw_handle()
    }

    /// An operation of this socket may have ended, which the system tells nobody but us.
    pub(super) fn tell(&self, socket: u32) -> io::Result<()> {
        {
            let mut noted = self.noted();
            if !noted.sockets.contains(&socket) {
                noted.sockets.push(socket);
            }
        }
        self.wake()
    }

    /// Has a thread of the port look after the queue.
    pub(super) fn wake(&self) -> io::Result<()> {
        self.port.post(0, self.number, ptr::null_mut())
    }

    /// Swaps what was noted for what is empty.
    #[inline]
    pub(super) fn take(&self, empty: &mut Noted) {
        std::mem::swap(&mut *self.noted(), empty);
    }

    /// Whether everything is to be looked at.
    #[inline]
    pub(super) fn take_survey(&self) -> bool {
        self.survey.load(Ordering::Relaxed) && self.survey.swap(false, Ordering::Acquire)
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
