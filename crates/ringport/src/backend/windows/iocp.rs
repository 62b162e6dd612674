//! A completion port of the system, as it is.
//!
//! ```text
//!   associate(handle, key) ── operations of the handle ──┐
//!   post(bytes, key, pointer) ───────────────────────────┴─► [ p0 p1 p2 ... ] ──► take, take_many
//! ```
//!
//! The wrapper adds two things. A time is kept to its end: the system counts in milliseconds and may come back a
//! little early, so the time is rounded up and what is left is waited for again. And pointers travel as they are:
//! nothing here follows one, so whoever takes a packet has to know what it sent.

use std::fmt;
use std::io;
use std::os::windows::io::AsRawSocket;
use std::os::windows::io::{
    AsRawHandle, BorrowedHandle, BorrowedSocket, FromRawHandle, OwnedHandle, RawHandle,
};
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{INVALID_HANDLE_VALUE, WAIT_TIMEOUT};
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatus, GetQueuedCompletionStatusEx, OVERLAPPED,
    OVERLAPPED_ENTRY, PostQueuedCompletionStatus,
};
use windows_sys::Win32::System::Threading::INFINITE;

/// The longest time that one call waits. A longer one takes several.
const LONGEST: Duration = Duration::from_millis(INFINITE as u64 - 1);

/// A packet as the system keeps it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) struct Entry {
    /// The key that the handle was associated with, or that was posted.
    pub(in crate::backend) key: usize,
    /// Which operation it was, or the pointer that was posted. How the operation ended stands in there.
    pub(in crate::backend) overlapped: *mut OVERLAPPED,
    /// How many bytes were transferred, or the number that was posted.
    pub(in crate::backend) bytes: u32,
}

// SAFETY: the pointer is a number to this type; who follows it answers for that.
unsafe impl Send for Entry {}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("key", &self.key)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Room for the packets of one call of [`Iocp::take_many`], made once.
pub(in crate::backend) struct Entries {
    room: Vec<OVERLAPPED_ENTRY>,
}

// SAFETY: the pointers in there are only numbers to this type, and so to the thread that has it.
unsafe impl Send for Entries {}

impl Entries {
    /// Room for `most` packets, at least one.
    pub(in crate::backend) fn with_capacity(most: usize) -> Entries {
        Entries { room: vec![OVERLAPPED_ENTRY::default(); most.max(1)] }
    }

    /// Makes room for `most` packets, where there is less.
    pub(in crate::backend) fn make_room(&mut self, most: usize) {
        if self.room.len() < most {
            self.room.resize(most, OVERLAPPED_ENTRY::default());
        }
    }
}

/// See the module. Closed when it is dropped; a wait in another thread needs a packet to end.
#[derive(Debug)]
pub(in crate::backend) struct Iocp {
    handle: Arc<OwnedHandle>,
}

impl Iocp {
    /// Makes one; `concurrency` threads run at once, 0 means as many as there are processors.
    pub(in crate::backend) fn new(concurrency: u32) -> io::Result<Iocp> {
        // SAFETY: no handle is given, so a new port is made.
        let handle = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, concurrency) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and nobody else owns it.
        Ok(Iocp { handle: Arc::new(unsafe { OwnedHandle::from_raw_handle(handle) }) })
    }

    /// From now on each operation of `socket` that names an `OVERLAPPED` sends its packet here, for as long as the
    /// socket is open. `ERROR_INVALID_PARAMETER` (87) when it has a port already.
    pub(in crate::backend) fn associate_socket(
        &self,
        socket: BorrowedSocket<'_>,
        key: usize,
    ) -> io::Result<()> {
        self.associate(socket.as_raw_socket() as RawHandle, key)
    }

    /// As [`associate_socket`](Iocp::associate_socket), for a file. It must have been opened with
    /// `FILE_FLAG_OVERLAPPED`.
    pub(in crate::backend) fn associate_handle(
        &self,
        handle: BorrowedHandle<'_>,
        key: usize,
    ) -> io::Result<()> {
        self.associate(handle.as_raw_handle(), key)
    }

    fn associate(&self, handle: RawHandle, key: usize) -> io::Result<()> {
        // SAFETY: both handles are open, for the caller borrows one and the port owns the other.
        let port = unsafe { CreateIoCompletionPort(handle, self.handle.as_raw_handle(), key, 0) };
        if port.is_null() { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The port itself, for those who post packets without knowing of this type.
    pub(in crate::backend) fn share(&self) -> Arc<OwnedHandle> {
        Arc::clone(&self.handle)
    }

    /// Queues a packet with these three numbers.
    pub(in crate::backend) fn post(
        &self,
        bytes: u32,
        key: usize,
        overlapped: *mut OVERLAPPED,
    ) -> io::Result<()> {
        // SAFETY: the system keeps the pointer and does not follow it.
        let posted =
            unsafe { PostQueuedCompletionStatus(self.handle.as_raw_handle(), bytes, key, overlapped) };
        if posted == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Waits for a packet and takes it; `None` when the time was over first.
    pub(in crate::backend) fn take(&self, time: Option<Duration>) -> io::Result<Option<Entry>> {
        wait(time, |milliseconds| self.take_once(milliseconds))
    }

    /// Waits for a packet, and takes as many as are there and fit into `entries`; none when the time was over first.
    pub(in crate::backend) fn take_many<'entries>(
        &self,
        entries: &'entries mut Entries,
        most: usize,
        time: Option<Duration>,
    ) -> io::Result<impl Iterator<Item = Entry> + 'entries> {
        let most = most.clamp(1, entries.room.len());
        let taken = wait(time, |milliseconds| self.take_many_once(&mut entries.room, most, milliseconds))?;
        let entry = |entry: &OVERLAPPED_ENTRY| Entry {
            key: entry.lpCompletionKey,
            overlapped: entry.lpOverlapped,
            bytes: entry.dwNumberOfBytesTransferred,
        };
        Ok(entries.room.iter().take(taken.unwrap_or(0)).map(entry))
    }

    fn take_once(&self, milliseconds: u32) -> io::Result<Option<Entry>> {
        let (mut bytes, mut key, mut overlapped) = (0, 0, ptr::null_mut());
        // SAFETY: the port is open, and the three places are written before the call returns.
        let success = unsafe {
            GetQueuedCompletionStatus(
                self.handle.as_raw_handle(),
                &mut bytes,
                &mut key,
                &mut overlapped,
                milliseconds,
            )
        };
        // A packet of an operation that failed counts as failure; only one without any pointer is none.
        if success == 0 && overlapped.is_null() {
            return nothing();
        }
        Ok(Some(Entry { key, overlapped, bytes }))
    }

    fn take_many_once(
        &self,
        room: &mut [OVERLAPPED_ENTRY],
        most: usize,
        milliseconds: u32,
    ) -> io::Result<Option<usize>> {
        let mut taken = 0;
        // SAFETY: the port is open, and there is room for `most` entries, which `take_many` has clamped.
        let success = unsafe {
            GetQueuedCompletionStatusEx(
                self.handle.as_raw_handle(),
                room.as_mut_ptr(),
                most as u32,
                &mut taken,
                milliseconds,
                0,
            )
        };
        if success == 0 { nothing() } else { Ok(Some(taken as usize)) }
    }
}

impl AsRawHandle for Iocp {
    fn as_raw_handle(&self) -> RawHandle {
        self.handle.as_raw_handle()
    }
}

/// Why a wait brought nothing.
fn nothing<T>() -> io::Result<Option<T>> {
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(WAIT_TIMEOUT as i32) { Ok(None) } else { Err(error) }
}

/// Calls until something is there or the time is over.
fn wait<T>(
    time: Option<Duration>,
    mut call: impl FnMut(u32) -> io::Result<Option<T>>,
) -> io::Result<Option<T>> {
    let deadline = match time {
        Some(Duration::ZERO) => return call(0),
        Some(time) => Instant::now().checked_add(time),
        None => None,
    };
    let mut left = time;
    loop {
        // A time that no clock can hold is for ever.
        let milliseconds = match (deadline, left) {
            (Some(_), Some(left)) => milliseconds(left),
            _ => INFINITE,
        };
        if let Some(found) = call(milliseconds)? {
            return Ok(Some(found));
        }
        left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(None);
        }
    }
}

/// The time in whole milliseconds, never less than it is, and at most what one call can wait.
fn milliseconds(time: Duration) -> u32 {
    let time = time.min(LONGEST);
    time.as_nanos().div_ceil(1_000_000) as u32
}

#[cfg(test)]
mod tests;
