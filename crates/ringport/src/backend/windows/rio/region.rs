//! Memory that is registered, and the slices of it that requests name.

use std::fmt;
use std::io;
use std::ptr::NonNull;

use windows_sys::Win32::Networking::WinSock::{RIO_BUF, RIO_BUFFERID};

use super::constants::{INVALID_BUFFER, last_error};
use super::functions::Functions;

/// A region that `RIORegisterBuffer` has locked, until this is dropped.
///
/// ```text
///   memory   |<- offset ->|<-- length -->|
///   RIO_BUF { BufferId, Offset, Length }
/// ```
///
/// Dropping it (`RIODeregisterBuffer`) only takes the name away: pages that a request in flight uses stay pinned until
/// it is done. The memory itself must stay as long all the same, for its owner would give it to somebody else.
pub(crate) struct RegisteredRegion {
    functions: &'static Functions,
    id: RIO_BUFFERID,
    start: usize,
    length: u32,
}

impl RegisteredRegion {
    /// Registers memory.
    ///
    /// # Errors
    /// `WSAEFAULT` for memory that is not there, `WSAEINVAL` for none or for more than 4 GiB less a byte.
    ///
    /// # Safety
    /// The memory stays mapped until this is dropped and every request that named a slice of it was dequeued.
    pub(super) unsafe fn register(
        functions: &'static Functions,
        start: NonNull<u8>,
        length: usize,
    ) -> io::Result<RegisteredRegion> {
        let length = u32::try_from(length).map_err(|_| {
            let message = "one registration holds at most 4294967295 bytes; use smaller regions";
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })?;
        // SAFETY: the caller vouches for the memory, which the call only locks.
        let id = unsafe { (functions.register_buffer)(start.as_ptr(), length) };
        if id == INVALID_BUFFER {
            return Err(last_error());
        }
        Ok(RegisteredRegion { functions, id, start: start.as_ptr() as usize, length })
    }

    /// Names `length` bytes at `at`; `None` when they are not all inside.
    #[inline]
    pub(super) fn slice(&self, at: *const u8, length: u32) -> Option<RIO_BUF> {
        let offset = u32::try_from((at as usize).checked_sub(self.start)?).ok()?;
        let end = offset.checked_add(length)?;
        (end <= self.length).then_some(RIO_BUF { BufferId: self.id, Offset: offset, Length: length })
    }
}

impl Drop for RegisteredRegion {
    fn drop(&mut self) {
        // SAFETY: the name came from `register_buffer` of the same table and is given back once.
        unsafe { (self.functions.deregister_buffer)(self.id) }
    }
}

impl fmt::Debug for RegisteredRegion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RegisteredRegion");
        debug.field("id", &self.id).field("length", &self.length).finish_non_exhaustive()
    }
}
