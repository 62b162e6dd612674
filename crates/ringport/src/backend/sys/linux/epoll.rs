//! epoll: waiting for many descriptors, with a time in nanoseconds.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::checked;
use super::clock::timespec;

/// Set once the kernel, or a seccomp filter, has refused `epoll_pwait2` (Linux 5.11 and later).
static ONLY_MILLISECONDS: AtomicBool = AtomicBool::new(false);

/// What is waited for, and what came: the bits of epoll (`EPOLLIN`, `EPOLLOUT`, `EPOLLET`, ...).
pub(crate) type Flags = u32;

/// One descriptor that became ready.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Event(libc::epoll_event);

impl Event {
    /// Nothing yet: for filling an array to wait with.
    pub(crate) const EMPTY: Event = Event(libc::epoll_event { events: 0, u64: 0 });

    /// The key that the descriptor was added with.
    pub(crate) fn key(&self) -> u64 {
        self.0.u64
    }

    /// What it is ready for.
    pub(crate) fn flags(&self) -> Flags {
        self.0.events
    }
}

/// An epoll descriptor.
#[derive(Debug)]
pub(crate) struct Epoll(OwnedFd);

impl Epoll {
    /// Makes one that watches nothing.
    pub(crate) fn new() -> io::Result<Epoll> {
        // SAFETY: the call takes no pointer.
        let descriptor = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(Epoll(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Watches `descriptor`; its events carry `key`.
    pub(crate) fn add(&self, descriptor: BorrowedFd<'_>, flags: Flags, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, descriptor, flags, key)
    }

    /// Changes what a watched descriptor is watched for. An armed one-shot is armed again.
    pub(crate) fn modify(&self, descriptor: BorrowedFd<'_>, flags: Flags, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, descriptor, flags, key)
    }

    /// Watches `descriptor` no longer.
    pub(crate) fn delete(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    fn control(&self, operation: i32, descriptor: BorrowedFd<'_>, flags: Flags, key: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: flags, u64: key };
        // SAFETY: `event` is valid during the call, which copies it.
        checked(unsafe {
            libc::epoll_ctl(self.0.as_raw_fd(), operation, descriptor.as_raw_fd(), &mut event)
        })?;
        Ok(())
    }

    /// Waits for events and returns those that came: none when the time was over first. Without a time it
    /// waits for ever. A signal ends the wait with [`io::ErrorKind::Interrupted`].
    ///
    /// Where the kernel counts only milliseconds the time is rounded up, so a wait never becomes a spin.
    pub(crate) fn wait<'events>(
        &self,
        events: &'events mut [Event],
        time: Option<Duration>,
    ) -> io::Result<&'events [Event]> {
        if !ONLY_MILLISECONDS.load(Ordering::Relaxed) {
            match self.wait_nanoseconds(events, time) {
                Err(error) if is_refused(&error) => ONLY_MILLISECONDS.store(true, Ordering::Relaxed),
                count => return count.map(|count| &events[..count]),
            }
        }
        let count = self.wait_milliseconds(events, time)?;
        Ok(&events[..count])
    }

    fn wait_nanoseconds(&self, events: &mut [Event], time: Option<Duration>) -> io::Result<usize> {
        let time = time.map(timespec);
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let most = i32::try_from(events.len()).unwrap_or(i32::MAX);
        let no_signals: *const libc::sigset_t = std::ptr::null();
        // SAFETY: `events` is valid for `most` entries of the layout the kernel writes (the type is
        // transparent); `time` is null or outlives the call; a null mask leaves the signals alone. By
        // number, because not every C library has the call.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.0.as_raw_fd(),
                events.as_mut_ptr(),
                most,
                time,
                no_signals,
                0usize,
            )
        };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }

    fn wait_milliseconds(&self, events: &mut [Event], time: Option<Duration>) -> io::Result<usize> {
        let most = i32::try_from(events.len()).unwrap_or(i32::MAX);
        // SAFETY: as above.
        let count = checked(unsafe {
            libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr().cast(), most, milliseconds(time))
        })?;
        Ok(count as usize)
    }
}

impl std::os::fd::AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The call does not exist here, or a filter forbids it: epoll itself never answers with these.
fn is_refused(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM))
}

/// Rounded up: to zero only from zero. Longer than the kernel can count becomes its maximum, 24 days.
fn milliseconds(time: Option<Duration>) -> i32 {
    time.map_or(-1, |time| i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests;
