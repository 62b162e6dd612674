//! An event of the kernel: set until it is reset.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, SetEvent};

/// What a program waits on, and how it is lent.
pub(crate) type OwnedEvent = OwnedHandle;
pub(crate) type BorrowedEvent<'event> = BorrowedHandle<'event>;

/// Lends it.
pub(crate) fn lend(event: &OwnedEvent) -> BorrowedEvent<'_> {
    event.as_handle()
}

/// An event with manual reset, by the name that shared code has for it.
#[derive(Debug)]
pub(crate) struct EventDescriptor {
    handle: OwnedHandle,
    set: AtomicBool,
}

impl EventDescriptor {
    /// Makes one that is not set.
    pub(crate) fn new() -> io::Result<EventDescriptor> {
        // SAFETY: no attributes and no name are given; the call takes no other pointer.
        let handle = unsafe { CreateEventW(std::ptr::null(), 1, 0, std::ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and nobody else owns it.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Ok(EventDescriptor { handle, set: AtomicBool::new(false) })
    }

    /// Sets it. Any thread may.
    pub(crate) fn signal(&self) -> io::Result<()> {
        self.set.store(true, Ordering::SeqCst);
        // SAFETY: the handle is open.
        match unsafe { SetEvent(self.handle.as_raw_handle()) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    /// Resets it, and tells whether it was set: 0 if it was not.
    pub(crate) fn drain(&self) -> io::Result<u64> {
        // SAFETY: the handle is open.
        unsafe { ResetEvent(self.handle.as_raw_handle()) };
        Ok(u64::from(self.set.swap(false, Ordering::SeqCst)))
    }

    /// A handle of the same event.
    pub(crate) fn share(&self) -> io::Result<OwnedEvent> {
        self.handle.try_clone()
    }
}
