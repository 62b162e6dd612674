//! An ordered list of unique buffers: what one receive is scattered over, or what a message is built in.

use super::buffer::BufferMut;
use super::chain::Chain;

/// Unique buffers seen as one run of bytes. The list itself is on the heap, so make it once
/// ([`with_capacity`](ChainMut::with_capacity)) where allocations matter.
///
/// ```
/// use ringport::ChainMut;
///
/// # let pool = ringport::BufferPool::builder().slice_size(4).slices_per_region(4).build()?;
/// let mut chain = ChainMut::with_capacity(2);
/// chain.push(pool.take_with(b"abcd")?);
/// chain.push(pool.take_with(b"ef")?);
/// assert_eq!((chain.len(), chain.capacity()), (6, 8));
/// assert_eq!(chain.freeze().to_vec(), b"abcdef");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ChainMut {
    buffers: Vec<BufferMut>,
}

impl ChainMut {
    /// An empty chain.
    pub fn new() -> ChainMut {
        ChainMut::default()
    }

    /// An empty chain with room for so many buffers.
    pub fn with_capacity(buffers: usize) -> ChainMut {
        ChainMut { buffers: Vec::with_capacity(buffers) }
    }

    /// Appends a buffer.
    pub fn push(&mut self, buffer: BufferMut) {
        self.buffers.push(buffer);
    }

    /// Takes the first buffer out.
    pub fn pop_front(&mut self) -> Option<BufferMut> {
        if self.buffers.is_empty() { None } else { Some(self.buffers.remove(0)) }
    }

    /// Filled bytes of all buffers.
    pub fn len(&self) -> usize {
        self.buffers.iter().map(BufferMut::len).sum()
    }

    /// Whether no byte is filled (there may be buffers).
    pub fn is_empty(&self) -> bool {
        self.buffers.iter().all(BufferMut::is_empty)
    }

    /// Bytes all slices can hold.
    pub fn capacity(&self) -> usize {
        self.buffers.iter().map(BufferMut::capacity).sum()
    }

    /// The buffers in order.
    pub fn buffers(&self) -> &[BufferMut] {
        &self.buffers
    }

    /// The buffers in order, to change.
    pub fn buffers_mut(&mut self) -> &mut [BufferMut] {
        &mut self.buffers
    }

    /// The filled parts in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.buffers.iter().map(|buffer| &buffer[..])
    }

    /// Makes it shareable; no byte is copied.
    pub fn freeze(self) -> Chain {
        self.buffers.into_iter().map(BufferMut::freeze).collect()
    }

    /// The buffers.
    pub fn into_buffers(self) -> Vec<BufferMut> {
        self.buffers
    }
}

impl From<Vec<BufferMut>> for ChainMut {
    fn from(buffers: Vec<BufferMut>) -> ChainMut {
        ChainMut { buffers }
    }
}

impl From<BufferMut> for ChainMut {
    fn from(buffer: BufferMut) -> ChainMut {
        ChainMut { buffers: vec![buffer] }
    }
}

impl Extend<BufferMut> for ChainMut {
    fn extend<I: IntoIterator<Item = BufferMut>>(&mut self, buffers: I) {
        self.buffers.extend(buffers);
    }
}

impl FromIterator<BufferMut> for ChainMut {
    fn from_iter<I: IntoIterator<Item = BufferMut>>(buffers: I) -> ChainMut {
        ChainMut { buffers: buffers.into_iter().collect() }
    }
}
