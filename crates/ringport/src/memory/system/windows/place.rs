//! Where a buffer's bytes lie for a backend that registers memory: in which stretch, and how far from its start.
//!
//! ```text
//!   a pool's own memory     stretch: the slices of the region
//!      | name | control | payload ...           header_place(): the name's start
//!                       ^                       payload_place(): the payload's (of the capacity)
//!   the caller's memory     two stretches: the caller's, and the headers beside it
//! ```
//!
//! For one buffer (`BufferMut` or `Buffer`), with `use crate::memory::{Placed, Registration, ...}`:
//!
//! - `buffer.payload_place()`: [`Place`], where the capacity begins. The FILLED part, or the view, begins
//!   `buffer.offset()` from the same stretch's start, `buffer.len()` long.
//! - `buffer.header_place()`: [`Place`]. From there the name is at `NAME_OFFSET` (room for `NAME_LEN`), the
//!   `RIO_CMSG_BUFFER` at `CONTROL_LENGTH_OFFSET`, with the control data behind it at `CONTROL_OFFSET`;
//!   `buffer.control_capacity()` is the room for that.
//! - `place.stretch.id()`: `Option<isize>`, one read; then `place.stretch.register(|base, len| ..)` for the first.

use super::stretch::Stretch;
use crate::memory::HasHeader;
use crate::memory::header::SEPARATE_LEN;

/// A place in registered memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// What is registered as a whole.
    pub(crate) stretch: &'a Stretch,
    /// Bytes from its start.
    pub(crate) offset: usize,
}

/// A handle of a slice, whose places are good as long as it is.
pub(crate) trait Placed: HasHeader {
    /// Where the payload begins.
    #[inline]
    fn payload_place(&self) -> Place<'_> {
        let slot = self.slot();
        Place { stretch: &slot.region().slices, offset: slot.payload_offset() }
    }

    /// Where the memory begins that address and control data go to.
    #[inline]
    fn header_place(&self) -> Place<'_> {
        let slot = self.slot();
        match slot.headroom() as usize {
            0 => Place { stretch: &slot.region().separate, offset: slot.index() as usize * SEPARATE_LEN },
            headroom => Place { stretch: &slot.region().slices, offset: slot.payload_offset() - headroom },
        }
    }
}

impl<H: HasHeader + ?Sized> Placed for H {}

#[cfg(test)]
mod tests {
    use super::super::stretch::{RegisterError, Registration};
    use super::*;
    use crate::memory::{BufferPool, HasHeader, Lock};
    use std::ptr::NonNull;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use windows_sys::Win32::System::Memory::{MEM_COMMIT, MEMORY_BASIC_INFORMATION, VirtualQuery};

    /// What a backend would have registered: start and length of each, and how many were deregistered.
    #[derive(Clone, Default)]
    struct Registrar(Arc<Mutex<Vec<(usize, usize)>>>, Arc<AtomicUsize>);

    /// With the address that it was made for.
    struct Entry(isize, usize, Registrar);

    impl Registration for Entry {
        fn id(&self) -> isize {
            self.0
        }
    }

    fn is_mapped(address: usize) -> bool {
        let mut about = MEMORY_BASIC_INFORMATION::default();
        let place = std::ptr::without_provenance(address);
        // SAFETY: `about` is valid for writing; the address is only looked up.
        let written = unsafe { VirtualQuery(place, &mut about, size_of_val(&about)) };
        written != 0 && about.State == MEM_COMMIT
    }

    impl Drop for Entry {
        fn drop(&mut self) {
            assert!(is_mapped(self.1), "deregistered after its pages went");
            self.2.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Registrar {
        /// The address a place stands for, by way of the id.
        fn address(&self, place: Place<'_>) -> usize {
            let id = place.stretch.id().map_or_else(
                || {
                    place.stretch.register(|base: NonNull<u8>, len| {
                        let mut entries = self.0.lock().unwrap();
                        entries.push((base.as_ptr().addr(), len));
                        Ok::<_, ()>(Box::new(Entry(
                            entries.len() as isize,
                            base.as_ptr().addr(),
                            self.clone(),
                        )))
                    })
                },
                Ok::<_, RegisterError<()>>,
            );
            let (base, len) = self.0.lock().unwrap()[id.unwrap() as usize - 1];
            assert!(place.offset < len);
            base + place.offset
        }

        fn deregistered(&self) -> usize {
            self.1.load(Ordering::Relaxed)
        }
    }

    fn agrees(registrar: &Registrar, buffer: &crate::BufferMut) {
        let (header, _) = buffer.header_ptr().unwrap();
        assert_eq!(registrar.address(buffer.payload_place()), buffer.payload_ptr().addr());
        assert_eq!(registrar.address(buffer.header_place()), header.addr());
    }

    #[test]
    fn all_slices_of_a_region_are_registered_once_and_go_with_it() {
        let registrar = Registrar::default();
        let pool = BufferPool::builder().slices_per_region(4).regions(1..=2).lock(Lock::Off).build().unwrap();
        let mut buffers: Vec<_> = (0..8).map(|_| pool.take().unwrap()).collect();
        buffers.iter().for_each(|buffer| agrees(&registrar, buffer));
        assert_eq!(registrar.0.lock().unwrap().len(), 2);
        buffers.truncate(1);
        let shared = buffers.remove(0).freeze();
        pool.deregister(shared.region());
        drop(pool);
        assert_eq!(registrar.deregistered(), 1, "the other region had no slice out");
        assert_eq!(registrar.address(shared.payload_place()), shared.as_ptr().addr());
        drop(shared);
        assert_eq!(registrar.deregistered(), 2);
    }

    #[test]
    fn over_the_callers_memory_its_headers_are_registered_too() {
        let registrar = Registrar::default();
        let mut memory = vec![0u8; 300];
        let builder = BufferPool::builder().slice_size(100).lock(Lock::Off);
        // SAFETY: the vector is not touched, and outlives the pool and its buffers.
        let pool = unsafe { builder.build_over(memory.as_mut_ptr(), 300).unwrap() };
        let buffers: Vec<_> = (0..3).map(|_| pool.take().unwrap()).collect();
        buffers.iter().for_each(|buffer| agrees(&registrar, buffer));
        assert_eq!(registrar.0.lock().unwrap().as_slice()[0], (memory.as_ptr().addr(), 300));
        drop((buffers, pool));
        assert_eq!(registrar.deregistered(), 2);
    }
}
