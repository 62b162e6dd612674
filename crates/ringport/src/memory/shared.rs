//! The shared buffer: counted, read only, in as many sends at once as wanted.

use super::buffer::BufferMut;
use super::error::RangeError;
use super::region::RegionId;
use super::slot::{self, Slot};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Bound, Deref, RangeBounds};
use std::ptr::NonNull;
use std::sync::atomic::{Ordering, fence};

/// A range of a slice that may have many owners: clones and views count, and the last one returns the slice.
///
/// ```
/// # let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
/// let message = pool.take_with(b"head|body")?.freeze();
/// let (head, body) = message.split_at(4)?;
/// assert_eq!((&head[..], &body[1..]), (&b"head"[..], &b"body"[..]));
/// assert_eq!(message.references(), 3);
/// drop((message, head));
/// let body = body.try_unique().expect("the last owner");
/// assert_eq!(&body[..], b"|body");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Buffer {
    slot: NonNull<Slot>,
    start: u32,
    len: u32,
}

// SAFETY: the bytes are only read while shared, and all that changes in a slot is atomic.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// # Safety
    /// The caller passes on one counted reference, and `start + len` is inside the capacity.
    pub(crate) unsafe fn from_parts(slot: NonNull<Slot>, start: u32, len: u32) -> Buffer {
        Buffer { slot, start, len }
    }

    #[inline]
    pub(crate) fn slot(&self) -> &Slot {
        // SAFETY: the slice this handle has a share in keeps its region, and so the pool and its slots, alive.
        unsafe { self.slot.as_ref() }
    }

    /// Bytes of this view.
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether the view has no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Owners of the slice, views included. With more than one thread at work it may be old when it arrives.
    pub fn references(&self) -> usize {
        self.slot().references().load(Ordering::Relaxed) as usize
    }

    /// A view of a part; counts as an owner, copies nothing.
    ///
    /// # Errors
    /// [`RangeError`] when the range is not inside this view.
    pub fn view(&self, range: impl RangeBounds<usize>) -> Result<Buffer, RangeError> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => self.len(),
        };
        if start > end || end > self.len() {
            return Err(RangeError { start, end, len: self.len() });
        }
        let mut view = self.clone();
        view.start += start as u32;
        view.len = (end - start) as u32;
        Ok(view)
    }

    /// Two views: the first `at` bytes and the rest.
    ///
    /// # Errors
    /// [`RangeError`] when there are fewer than `at` bytes.
    pub fn split_at(&self, at: usize) -> Result<(Buffer, Buffer), RangeError> {
        Ok((self.view(..at)?, self.view(at..)?))
    }

    /// The unique buffer again, if this is the only owner; otherwise the same handle back.
    ///
    /// # Errors
    /// The buffer itself when it has other owners.
    pub fn try_unique(self) -> Result<BufferMut, Buffer> {
        // Acquire: what the other owners did with the bytes happened before the counts they gave up.
        if self.slot().references().load(Ordering::Acquire) != 1 {
            return Err(self);
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: the count is 1 and this handle is that one; a new one could only be made from it.
        Ok(unsafe { BufferMut::from_parts(this.slot, this.start, this.len) })
    }

    /// A copy on the heap, which lets a large slice go for the sake of a small survivor.
    pub fn copy_out(&self) -> Vec<u8> {
        self.to_vec()
    }

    /// The context that was set while the buffer was unique.
    pub fn context(&self) -> u64 {
        self.slot().context().load(Ordering::Relaxed)
    }

    /// The region the slice lies in.
    pub fn region(&self) -> RegionId {
        self.slot().region_id()
    }

    /// Where the view begins, in bytes from the start of the region.
    pub fn offset(&self) -> usize {
        self.slot().payload_offset() + self.start as usize
    }
}

/// For the queues, the servers and the backends.
impl Buffer {
    /// The same handle over a part: what [`view`](Buffer::view) gives, without counting one more owner. Cut to what
    /// there is.
    #[inline]
    pub(crate) fn narrowed(mut self, start: usize, end: usize) -> Buffer {
        let end = end.min(self.len());
        let start = start.min(end);
        self.start += start as u32;
        self.len = (end - start) as u32;
        self
    }

    /// Lets the handle go, and gives the slice, empty, if it was the last one. Of several owners that do so at a time
    /// exactly one gets it.
    #[inline]
    pub(crate) fn into_last(self) -> Option<BufferMut> {
        let this = ManuallyDrop::new(self);
        let references = this.slot().references();
        if references.load(Ordering::Acquire) != 1 {
            if references.fetch_sub(1, Ordering::Release) != 1 {
                return None;
            }
            // What the other owners did happened before this one has the slice for itself.
            fence(Ordering::Acquire);
            references.store(1, Ordering::Relaxed);
        }
        // SAFETY: this was the last owner, and it is gone.
        Some(unsafe { BufferMut::from_parts(this.slot, 0, 0) })
    }

    /// The slice is in one more send.
    #[inline]
    pub(crate) fn begin_send(&self) {
        self.slot().sends().fetch_add(1, Ordering::Relaxed);
    }

    /// A send that [`Buffer::begin_send`] counted is over.
    #[inline]
    pub(crate) fn end_send(&self) {
        self.slot().sends().fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clone for Buffer {
    #[inline]
    fn clone(&self) -> Buffer {
        // Relaxed: whoever clones owns a share, so the count cannot reach zero meanwhile.
        let before = self.slot().references().fetch_add(1, Ordering::Relaxed);
        if before > u32::MAX / 2 {
            // Two thousand million leaked clones; going on would end in a slice with two owners, each unique.
            std::process::abort();
        }
        Buffer { slot: self.slot, start: self.start, len: self.len }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: `start + len <= capacity`, the memory is initialised, and nobody writes while it is shared.
        unsafe { std::slice::from_raw_parts(self.slot().payload().add(self.start as usize), self.len()) }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Drop for Buffer {
    #[inline]
    fn drop(&mut self) {
        // The only owner needs no exchange to know that it is the last.
        let references = self.slot().references();
        if references.load(Ordering::Acquire) != 1 {
            if references.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            // What the other owners did happened before this one gives the slice back.
            fence(Ordering::Acquire);
        }
        // SAFETY: this was the last owner and it is gone after this.
        unsafe { slot::give_back(self.slot) }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Buffer");
        debug.field("region", &self.region()).field("offset", &self.offset()).field("len", &self.len);
        debug.field("references", &self.references()).finish()
    }
}

impl From<BufferMut> for Buffer {
    fn from(buffer: BufferMut) -> Buffer {
        buffer.freeze()
    }
}
