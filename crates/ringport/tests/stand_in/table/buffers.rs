//! Registered memory by name.

use windows_sys::Win32::Networking::WinSock::{RIO_BUF, RIO_BUFFERID, WSAEFAULT, WSAEINVAL};
use windows_sys::Win32::System::Memory::{MEM_COMMIT, MEMORY_BASIC_INFORMATION, VirtualQuery};
use windows_sys::core::PCSTR;

use super::fail;
use super::manners::{Call, refusal};
use super::world::{World, world};

const INVALID: RIO_BUFFERID = 0xFFFF_FFFF_u32 as RIO_BUFFERID;

/// One registration.
pub(super) struct Memory {
    start: usize,
    length: u32,
}

/// A slice of registered memory, by address. What was registered when the request was posted stays good until it is
/// done, whatever becomes of the name.
#[derive(Clone, Copy)]
pub(super) struct Slice {
    pub(super) start: *mut u8,
    pub(super) length: u32,
}

// SAFETY: an address, which only the system and the holder of the lock follow.
unsafe impl Send for Slice {}

pub(super) unsafe extern "system" fn register(start: PCSTR, length: u32) -> RIO_BUFFERID {
    if let Some(error) = refusal(Call::RegisterBuffer) {
        return fail(error, INVALID);
    }
    if length == 0 {
        return fail(WSAEINVAL, INVALID);
    }
    if !is_there(start as usize, length as usize) {
        return fail(WSAEFAULT, INVALID);
    }
    let mut world = world();
    let name = world.name();
    world.buffers.insert(name, Memory { start: start as usize, length });
    name
}

pub(super) unsafe extern "system" fn deregister(name: RIO_BUFFERID) {
    world().buffers.remove(&name);
}

/// Whether all of a range is memory of the process.
fn is_there(start: usize, length: usize) -> bool {
    let Some(end) = start.checked_add(length) else { return false };
    let mut at = start;
    while at < end {
        // SAFETY: a plain C structure; all zeroes is a valid value.
        let mut found: MEMORY_BASIC_INFORMATION = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is a local of that size; the address is only looked up.
        let known =
            unsafe { VirtualQuery(at as *const _, &mut found, size_of::<MEMORY_BASIC_INFORMATION>()) };
        if known == 0 || found.State != MEM_COMMIT {
            return false;
        }
        at = found.BaseAddress as usize + found.RegionSize;
    }
    true
}

impl World {
    /// The memory that a request names; `None` for a null pointer.
    ///
    /// # Safety
    /// The pointer is null or good.
    pub(super) unsafe fn resolve(&self, named: *const RIO_BUF) -> Result<Option<Slice>, i32> {
        // SAFETY: the caller's word.
        let Some(named) = (unsafe { named.as_ref() }) else { return Ok(None) };
        let memory = self.buffers.get(&named.BufferId).ok_or(WSAEFAULT)?;
        let end = named.Offset.checked_add(named.Length).ok_or(WSAEFAULT)?;
        if end > memory.length {
            return Err(WSAEFAULT);
        }
        let start = (memory.start + named.Offset as usize) as *mut u8;
        Ok(Some(Slice { start, length: named.Length }))
    }
}
