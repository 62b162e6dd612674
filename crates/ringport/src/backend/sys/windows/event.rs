//! An event of the kernel: signalled until it is drained, for whoever waits for it; and a packet to a completion port,
//! for a queue that sleeps there.
//!
//! ```text
//!   signal() --> SetEvent, unless it is set        a program's own wait (WaitForMultipleObjects ..)
//!           '--> one packet a call, when tied      the queue's GetQueuedCompletionStatusEx
//! ```

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::null;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::System::IO::PostQueuedCompletionStatus;
use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, SetEvent, WaitForSingleObject};

/// What a program waits on, and how it is lent.
pub(crate) type OwnedEvent = OwnedHandle;
pub(crate) type BorrowedEvent<'event> = BorrowedHandle<'event>;

/// Lends it.
pub(crate) fn lend(event: &OwnedEvent) -> BorrowedEvent<'_> {
    event.as_handle()
}

/// The packet that a signal posts. It has no OVERLAPPED, which tells it from those of operations.
#[derive(Debug)]
struct Tie {
    port: Arc<OwnedHandle>,
    bytes: u32,
    key: usize,
}

impl Tie {
    fn post(&self) -> io::Result<()> {
        // SAFETY: the port is open, and a packet without an OVERLAPPED refers to no memory.
        match unsafe { PostQueuedCompletionStatus(self.port.as_raw_handle(), self.bytes, self.key, null()) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

/// An event with manual reset, by the name that shared code has for it.
#[derive(Debug)]
pub(crate) struct EventDescriptor {
    handle: OwnedHandle,
    /// Set by [`signal`](EventDescriptor::signal): the event is signalled, or just about to be.
    set: AtomicBool,
    tie: OnceLock<Tie>,
}

impl EventDescriptor {
    /// Makes one that is not signalled.
    pub(crate) fn new() -> io::Result<EventDescriptor> {
        // SAFETY: no attributes and no name are given; the call takes no other pointer.
        let handle = unsafe { CreateEventW(null(), 1, 0, null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and nobody else owns it.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Ok(EventDescriptor { handle, set: AtomicBool::new(false), tie: OnceLock::new() })
    }

    /// From now on every signal also posts a packet to `port`, with this key, so many bytes and no OVERLAPPED. One that
    /// came before posts it now. An event is tied once: [`io::ErrorKind::AlreadyExists`].
    pub(crate) fn tie(&self, port: Arc<OwnedHandle>, bytes: u32, key: usize) -> io::Result<()> {
        self.tie.set(Tie { port, bytes, key }).map_err(|_| io::ErrorKind::AlreadyExists)?;
        match self.tie.get() {
            Some(tie) if self.set.load(Ordering::SeqCst) => tie.post(),
            _ => Ok(()),
        }
    }

    /// Signals it. Any thread may.
    pub(crate) fn signal(&self) -> io::Result<()> {
        // Sequentially consistent with the tying: one of the two threads sees the other.
        let was_set = self.set.swap(true, Ordering::SeqCst);
        // SAFETY: the handle is open.
        if !was_set && unsafe { SetEvent(self.handle.as_raw_handle()) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // A packet each time: whoever took the last one may not have drained the event.
        self.tie.get().map_or(Ok(()), Tie::post)
    }

    /// Makes it not signalled, and tells whether it was: 0 if it was not. The system may have signalled it as well, as
    /// for registered I/O.
    pub(crate) fn drain(&self) -> io::Result<u64> {
        let handle = self.handle.as_raw_handle();
        // SAFETY: the handle is open; with no time to wait the call only looks.
        let seen = unsafe { WaitForSingleObject(handle, 0) } == WAIT_OBJECT_0;
        // Reset only if it was seen: what the system signals right now is for the next look.
        // SAFETY: the handle is open.
        if seen && unsafe { ResetEvent(handle) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // After the reset: a signal in between is told now, one from here on signals the event anew.
        let told = self.set.swap(false, Ordering::SeqCst);
        Ok(u64::from(seen || told))
    }

    /// A handle of the same event.
    pub(crate) fn share(&self) -> io::Result<OwnedEvent> {
        self.handle.try_clone()
    }
}

impl AsHandle for EventDescriptor {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;
    use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
    use windows_sys::Win32::System::IO::{CreateIoCompletionPort, GetQueuedCompletionStatus};

    fn is_signalled(event: &OwnedEvent) -> bool {
        // SAFETY: the handle is open.
        unsafe { WaitForSingleObject(event.as_raw_handle(), 0) == WAIT_OBJECT_0 }
    }

    #[test]
    fn it_is_signalled_from_signal_to_drain() {
        let event = EventDescriptor::new().unwrap();
        let shared = event.share().unwrap();
        assert!(!is_signalled(&shared));
        assert_eq!(event.drain().unwrap(), 0);
        event.signal().unwrap();
        event.signal().unwrap();
        assert!(is_signalled(&shared));
        assert_eq!(event.drain().unwrap(), 1);
        assert!(!is_signalled(&shared));
        // As the system does it.
        // SAFETY: the handle is open.
        unsafe { SetEvent(shared.as_raw_handle()) };
        assert_eq!((event.drain().unwrap(), event.drain().unwrap()), (1, 0));
        assert!(!is_signalled(&shared));
    }

    #[test]
    fn a_tied_one_posts_a_packet_for_each_signal() {
        // SAFETY: a new port of no file; the call takes no pointer.
        let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, null_mut(), 0, 0) };
        // SAFETY: the handle is new and nobody else owns it.
        let port = Arc::new(unsafe { OwnedHandle::from_raw_handle(port) });
        let next = || {
            let (mut bytes, mut key, mut overlapped) = (0, 0, null_mut());
            // SAFETY: the port is open, and the three places are valid for writing.
            let taken = unsafe {
                GetQueuedCompletionStatus(port.as_raw_handle(), &mut bytes, &mut key, &mut overlapped, 0)
            };
            assert!(overlapped.is_null());
            (taken != 0).then_some((bytes, key))
        };
        let event = EventDescriptor::new().unwrap();
        event.signal().unwrap();
        assert_eq!(next(), None);
        event.tie(Arc::clone(&port), 7, 9).unwrap();
        assert_eq!((next(), next()), (Some((7, 9)), None));
        event.signal().unwrap();
        event.signal().unwrap();
        assert_eq!((next(), next(), next()), (Some((7, 9)), Some((7, 9)), None));
        assert_eq!(event.drain().unwrap(), 1);
        let again = event.tie(Arc::clone(&port), 7, 9).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn no_signal_of_another_thread_is_lost() {
        let event = Arc::new(EventDescriptor::new().unwrap());
        let other = Arc::clone(&event);
        let signals = std::thread::spawn(move || {
            for _ in 0..2_000 {
                other.signal().unwrap();
            }
        });
        while !signals.is_finished() {
            event.drain().unwrap();
        }
        signals.join().unwrap();
        event.drain().unwrap();
        let shared = event.share().unwrap();
        for _ in 0..100 {
            event.signal().unwrap();
            assert!(is_signalled(&shared));
            assert_eq!(event.drain().unwrap(), 1);
        }
    }
}
