//! The unique buffer: what is filled, and what a receive is posted with.

use super::error::CapacityExceeded;
use super::region::RegionId;
use super::shared::Buffer;
use super::slot::{self, Slot};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

/// A slice of registered memory that nobody else has: 8 bytes, moved, never copied.
///
/// It dereferences to its filled part. Dropping it returns the slice to its pool, from any thread, without a lock.
///
/// ```
/// # let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
/// let mut buffer = pool.take()?;
/// buffer.spare_capacity()[..3].copy_from_slice(b"abc");
/// buffer.set_len(3)?;
/// buffer[0] = b'A';
/// assert_eq!(&buffer[..], b"Abc");
/// let shared = buffer.freeze();                      // counted from here on
/// assert_eq!(&shared.clone()[..], b"Abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BufferMut {
    slot: NonNull<Slot>,
}

// SAFETY: the handle owns its slice alone, and all that changes in a slot is atomic.
unsafe impl Send for BufferMut {}
// SAFETY: a shared reference only reads the filled part, which changes through a unique one only.
unsafe impl Sync for BufferMut {}

impl BufferMut {
    /// # Safety
    /// The slot was popped from its list and belongs to the caller.
    #[inline]
    pub(crate) unsafe fn from_slot(slot: NonNull<Slot>) -> BufferMut {
        BufferMut { slot }
    }

    /// # Safety
    /// The caller holds the only reference, and `start + len` is inside the capacity.
    pub(crate) unsafe fn from_parts(slot: NonNull<Slot>, start: u32, len: u32) -> BufferMut {
        let buffer = BufferMut { slot };
        buffer.slot().set_filled(start, len);
        buffer
    }

    #[inline]
    pub(crate) fn slot(&self) -> &Slot {
        // SAFETY: the slice this handle owns keeps its region, and so the pool and its slots, alive.
        unsafe { self.slot.as_ref() }
    }

    /// The most bytes the slice can hold.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.slot().capacity() as usize
    }

    /// Filled bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.slot().filled().1 as usize
    }

    /// Where the filled part begins in the payload.
    #[inline]
    fn start(&self) -> usize {
        self.slot().filled().0 as usize
    }

    /// Whether nothing is filled.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes it empty, with the whole slice to fill.
    #[inline]
    pub fn clear(&mut self) {
        self.slot().set_filled(0, 0);
    }

    /// Makes the first `len` bytes the filled part, or all there are.
    #[inline]
    pub(crate) fn fill_from_start(&mut self, len: u32) {
        let slot = self.slot();
        slot.set_filled(0, len.min(slot.capacity()));
    }

    /// Empties it and clears the context: as if just taken.
    pub fn reset(&mut self) {
        self.clear();
        self.slot().occupy();
    }

    /// Keeps the first `len` bytes; does nothing when there are fewer.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.slot().set_filled(self.start() as u32, len as u32);
        }
    }

    /// Sets the number of filled bytes. What was not written shows what the memory held before: zeros, or bytes of
    /// an earlier use.
    ///
    /// # Errors
    /// [`CapacityExceeded`] when the slice is shorter; nothing is changed then.
    #[inline]
    pub fn set_len(&mut self, len: usize) -> Result<(), CapacityExceeded> {
        let start = self.start();
        let room = self.capacity() - start;
        if len > room {
            return Err(CapacityExceeded { asked: len, capacity: room });
        }
        self.slot().set_filled(start as u32, len as u32);
        Ok(())
    }

    /// The bytes after the filled part, to write into before [`set_len`](BufferMut::set_len).
    pub fn spare_capacity(&mut self) -> &mut [u8] {
        let filled_end = self.start() + self.len();
        let spare = self.capacity() - filled_end;
        // SAFETY: `start + len <= capacity` always, the slice is initialised memory, and this handle is its only
        // owner, borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.payload_ptr().add(filled_end), spare) }
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`CapacityExceeded`] when they do not fit (`asked` is the length it would have had); nothing is changed then.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) -> Result<(), CapacityExceeded> {
        let before = self.len();
        let asked = before.saturating_add(bytes.len());
        match self.spare_capacity().get_mut(..bytes.len()) {
            Some(room) => room.copy_from_slice(bytes),
            None => return Err(CapacityExceeded { asked, capacity: self.capacity() - self.start() }),
        }
        self.set_len(asked)
    }

    /// Lets `fill` write into the spare part; it returns how many bytes it wrote, and is believed up to the size
    /// of that part.
    ///
    /// ```
    /// # let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
    /// use std::io::Read;
    /// let mut buffer = pool.take()?;
    /// let mut source = &b"from a reader"[..];
    /// buffer.fill_with(|spare| source.read(spare))?;
    /// assert_eq!(&buffer[..], b"from a reader");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Whatever `fill` fails with; nothing is changed then.
    pub fn fill_with<E>(&mut self, fill: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<usize, E> {
        let spare = self.spare_capacity();
        let room = spare.len();
        let written = fill(spare)?.min(room);
        self.slot().set_filled(self.start() as u32, (self.len() + written) as u32);
        Ok(written)
    }

    /// Makes it shareable; no byte is copied.
    pub fn freeze(self) -> Buffer {
        let this = ManuallyDrop::new(self);
        let (start, len) = this.slot().filled();
        // SAFETY: the one reference this handle stood for (the count is 1 while unique) passes to the new handle.
        unsafe { Buffer::from_parts(this.slot, start, len) }
    }

    /// The value set with [`set_context`](BufferMut::set_context); 0 after a take.
    pub fn context(&self) -> u64 {
        self.slot().context().load(Ordering::Relaxed)
    }

    /// Keeps a value of the user's with the slice until it returns to the pool.
    pub fn set_context(&mut self, context: u64) {
        self.slot().context().store(context, Ordering::Relaxed);
    }

    /// The region the slice lies in.
    pub fn region(&self) -> RegionId {
        self.slot().region_id()
    }

    /// Where the filled part begins, in bytes from the start of the region.
    pub fn offset(&self) -> usize {
        self.slot().payload_offset() + self.start()
    }
}

impl Deref for BufferMut {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: `start + len <= capacity`, the memory is initialised and owned by this handle.
        unsafe { std::slice::from_raw_parts(self.payload_ptr().add(self.start()), self.len()) }
    }
}

impl DerefMut for BufferMut {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`, and the handle is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.payload_ptr().add(self.start()), self.len()) }
    }
}

impl Drop for BufferMut {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is the only handle of the slice and it is gone after this.
        unsafe { slot::give_back(self.slot) }
    }
}

impl fmt::Debug for BufferMut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("BufferMut");
        debug.field("region", &self.region()).field("offset", &self.offset()).field("len", &self.len());
        debug.field("capacity", &self.capacity()).finish()
    }
}
