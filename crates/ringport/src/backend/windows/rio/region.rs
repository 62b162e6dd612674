//! Memory that is registered with the system, by its name.

use std::fmt;
use std::io;
use std::ptr::NonNull;

use windows_sys::Win32::Networking::WinSock::RIO_BUFFERID;

use super::constants::{INVALID_BUFFER, last_error};
use super::functions::Functions;
use crate::memory::Registration;

/// A stretch of memory that `RIORegisterBuffer` has locked, until this is dropped.
///
/// ```text
///   memory   |<- offset ->|<-- length -->|
///   RIO_BUF { BufferId, Offset, Length }
/// ```
///
/// Dropping it (`RIODeregisterBuffer`) only takes the name away: pages that a request in flight uses stay pinned until
/// it is done. The memory itself must stay as long all the same, for its owner would give it to somebody else.
///
/// The name is good for sockets of all providers that share the system's implementation, which those of IPv4 and IPv6,
/// datagrams and streams do. With another's, a request that uses it is refused (`WSAEFAULT`).
pub(super) struct RegisteredRegion {
    functions: &'static Functions,
    id: RIO_BUFFERID,
}

impl RegisteredRegion {
    /// Registers memory.
    ///
    /// # Errors
    /// `WSAEFAULT` for memory that is not there, `WSAEINVAL` for none or for 4 GiB and more.
    ///
    /// # Safety
    /// The memory stays mapped until this is dropped and every request that named a part of it was dequeued.
    pub(super) unsafe fn register(
        functions: &'static Functions,
        start: NonNull<u8>,
        length: usize,
    ) -> io::Result<RegisteredRegion> {
        let length = u32::try_from(length).map_err(|_| {
            let message =
                "one registration holds at most 4294967295 bytes; have the pool make smaller regions";
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })?;
        // SAFETY: the caller vouches for the memory, which the call only locks.
        let id = unsafe { (functions.register_buffer)(start.as_ptr(), length) };
        if id == INVALID_BUFFER { Err(last_error()) } else { Ok(RegisteredRegion { functions, id }) }
    }
}

impl Registration for RegisteredRegion {
    fn id(&self) -> isize {
        self.id
    }
}

impl Drop for RegisteredRegion {
    fn drop(&mut self) {
        // SAFETY: the name came from the same functions and is given back once.
        unsafe { (self.functions.deregister_buffer)(self.id) }
    }
}

impl fmt::Debug for RegisteredRegion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RegisteredRegion").field("id", &self.id).finish_non_exhaustive()
    }
}
