//! An eventfd: a counter in the kernel that becomes readable when it is raised.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use super::checked;

/// What a poll loop watches, and how it is lent.
pub(crate) type OwnedEvent = OwnedFd;
pub(crate) type BorrowedEvent<'event> = BorrowedFd<'event>;

/// Lends it.
pub(crate) fn lend(event: &OwnedEvent) -> BorrowedEvent<'_> {
    event.as_fd()
}

/// An eventfd that neither blocks nor outlives an `exec`.
#[derive(Debug)]
pub(crate) struct EventDescriptor(OwnedFd);

impl EventDescriptor {
    /// Makes one that is not signalled.
    pub(crate) fn new() -> io::Result<EventDescriptor> {
        // SAFETY: the call takes no pointer.
        let descriptor = checked(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(EventDescriptor(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Makes it readable. Any thread may call it.
    pub(crate) fn signal(&self) -> io::Result<()> {
        let one = 1u64.to_ne_bytes();
        // SAFETY: `one` is valid for reading its eight bytes.
        let written = unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
        if written < 0 {
            let error = io::Error::last_os_error();
            // The counter stands at its maximum: it is readable already, which is all that was wanted.
            return if error.kind() == io::ErrorKind::WouldBlock { Ok(()) } else { Err(error) };
        }
        Ok(())
    }

    /// Makes it unreadable again, and tells how often it was signalled since: 0 if it was not.
    pub(crate) fn drain(&self) -> io::Result<u64> {
        let mut count = [0u8; 8];
        // SAFETY: `count` is valid for writing its eight bytes.
        let read = unsafe { libc::read(self.0.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
        if read < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::WouldBlock { Ok(0) } else { Err(error) };
        }
        Ok(u64::from_ne_bytes(count))
    }
}

impl EventDescriptor {
    /// A descriptor of the same event.
    pub(crate) fn share(&self) -> io::Result<OwnedEvent> {
        self.0.try_clone()
    }
}

impl AsFd for EventDescriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::super::poll::{Interest, poll};
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_is_readable_from_signal_to_drain() {
        let event = EventDescriptor::new().unwrap();
        let readable =
            |event: &EventDescriptor| poll(event.as_fd(), Interest::Read, Some(Duration::ZERO)).unwrap();
        assert!(!readable(&event));
        assert_eq!(event.drain().unwrap(), 0);
        event.signal().unwrap();
        event.signal().unwrap();
        assert!(readable(&event));
        assert_eq!(event.drain().unwrap(), 2);
        assert!(!readable(&event));
    }

    #[test]
    fn a_full_counter_stays_signalled_without_an_error() {
        let event = EventDescriptor::new().unwrap();
        let largest = (u64::MAX - 1).to_ne_bytes();
        // SAFETY: `largest` is valid for reading its eight bytes.
        let written = unsafe { libc::write(event.0.as_raw_fd(), largest.as_ptr().cast(), 8) };
        assert_eq!(written, 8);
        event.signal().unwrap();
        assert_eq!(event.drain().unwrap(), u64::MAX - 1);
    }
}
