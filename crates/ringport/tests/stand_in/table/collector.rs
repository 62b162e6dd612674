//! Events whose signal has a thread of the system's pool look after a request queue.
//!
//! The pool is told a number and no address, so a call that comes late finds nothing and harms nothing. Events are used
//! again and never closed: the pool waits for them as long as the process runs.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock::RIO_RQ;
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, RegisterWaitForSingleObject, WT_EXECUTEDEFAULT,
};

use super::engine;

struct Watched {
    event: usize,
    /// Whose event it is at present; 0 for nobody's.
    queue: RIO_RQ,
}

static WATCHED: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

/// An event that is watched for one request queue, given back by [`Collector::recycle`].
pub(super) struct Collector {
    number: usize,
    event: usize,
}

impl Collector {
    /// An event for `queue`; `None` when the system has none left.
    pub(super) fn take(queue: RIO_RQ) -> Option<Collector> {
        let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = watched.iter().position(|watched| watched.queue == 0) {
            watched[number].queue = queue;
            return Some(Collector { number, event: watched[number].event });
        }
        // SAFETY: no security, no name; it resets itself and is not signalled.
        let event = unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) };
        let number = watched.len();
        let mut wait = ptr::null_mut();
        let context = ptr::without_provenance(number);
        // SAFETY: the event stays open for good, and the context is a number.
        let registered = !event.is_null()
            && unsafe {
                RegisterWaitForSingleObject(
                    &mut wait,
                    event,
                    Some(signalled),
                    context,
                    INFINITE,
                    WT_EXECUTEDEFAULT,
                )
            } != 0;
        registered.then(|| {
            watched.push(Watched { event: event as usize, queue });
            Collector { number, event: event as usize }
        })
    }

    /// The event for an OVERLAPPED structure: with the low bit set no packet goes to a port.
    pub(super) fn event(&self) -> HANDLE {
        ptr::without_provenance_mut(self.event | 1)
    }

    /// Leaves the event to others. Nothing is in flight with it.
    pub(super) fn recycle(self) {
        let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched[self.number].queue = 0;
    }
}

unsafe extern "system" fn signalled(context: *mut c_void, _timed_out: bool) {
    let queue = {
        let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(context as usize).map_or(0, |watched| watched.queue)
    };
    engine::wake(queue);
}
