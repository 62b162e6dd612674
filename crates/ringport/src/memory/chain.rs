//! An ordered list of shared buffers seen as one message. It is built and cut without copying a byte.
//!
//! ```text
//!   chain     [ view of slice 7 | view of slice 2 | view of slice 9 ]
//!   split_to     `------- first --------'|`-------- rest ---------'
//!                                cut inside slice 2: both get a view of it
//! ```

use super::error::RangeError;
use super::search::find_byte;
use super::shared::Buffer;

/// Shared buffers seen as one run of bytes.
///
/// ```
/// use ringport::Chain;
///
/// # let pool = ringport::BufferPool::builder().slice_size(8).slices_per_region(8).build()?;
/// let mut chain = Chain::new();
/// chain.push(pool.take_with(b"length: ")?.freeze());
/// chain.push(pool.take_with(b"5\nhello")?.freeze());
/// let line = chain.find(b'\n').map(|end| chain.split_to(end + 1)).expect("a line")?;
/// assert_eq!(line.to_vec(), b"length: 5\n");
/// assert_eq!(chain.to_vec(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Chain {
    buffers: Vec<Buffer>,
}

impl Chain {
    /// An empty chain.
    pub fn new() -> Chain {
        Chain::default()
    }

    /// An empty chain with room for so many buffers.
    pub fn with_capacity(buffers: usize) -> Chain {
        Chain { buffers: Vec::with_capacity(buffers) }
    }

    /// Appends a buffer.
    pub fn push(&mut self, buffer: Buffer) {
        self.buffers.push(buffer);
    }

    /// Puts a buffer (a header, say) before the others.
    pub fn push_front(&mut self, buffer: Buffer) {
        self.buffers.insert(0, buffer);
    }

    /// Appends another chain's buffers.
    pub fn append(&mut self, mut other: Chain) {
        self.buffers.append(&mut other.buffers);
    }

    /// Bytes of all buffers.
    pub fn len(&self) -> usize {
        self.buffers.iter().map(Buffer::len).sum()
    }

    /// Whether there is no byte (there may be empty buffers).
    pub fn is_empty(&self) -> bool {
        self.buffers.iter().all(Buffer::is_empty)
    }

    /// The buffers in order.
    pub fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }

    /// The buffers.
    pub fn into_buffers(self) -> Vec<Buffer> {
        self.buffers
    }

    /// The bytes of each buffer in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.buffers.iter().map(|buffer| &buffer[..])
    }

    /// Takes the first `bytes` bytes off into a chain of their own.
    ///
    /// # Errors
    /// [`RangeError`] when there are fewer; nothing is changed then.
    pub fn split_to(&mut self, bytes: usize) -> Result<Chain, RangeError> {
        let len = self.len();
        if bytes > len {
            return Err(RangeError { start: 0, end: bytes, len });
        }
        let mut left = bytes;
        let whole = self.buffers.iter().take_while(|buffer| {
            let fits = buffer.len() <= left;
            left -= if fits { buffer.len() } else { 0 };
            fits
        });
        let whole = whole.count();
        // The views first: they may fail, the rest may not.
        let cut = match self.buffers.get(whole) {
            Some(buffer) if left > 0 => Some(buffer.split_at(left)?),
            _ => None,
        };
        let mut first: Vec<Buffer> = self.buffers.drain(..whole).collect();
        if let (Some((head, tail)), Some(place)) = (cut, self.buffers.first_mut()) {
            first.push(head);
            *place = tail;
        }
        Ok(Chain { buffers: first })
    }

    /// Drops the first `bytes` bytes; slices that are used up return to their pools.
    ///
    /// # Errors
    /// [`RangeError`] when there are fewer; nothing is changed then.
    pub fn advance(&mut self, bytes: usize) -> Result<(), RangeError> {
        self.split_to(bytes).map(drop)
    }

    /// Where `byte` first stands.
    pub fn find(&self, byte: u8) -> Option<usize> {
        let mut before = 0;
        for part in self.iter() {
            if let Some(at) = find_byte(part, byte) {
                return Some(before + at);
            }
            before += part.len();
        }
        None
    }

    /// Copies as many bytes as there are and fit, and returns how many.
    pub fn copy_to(&self, target: &mut [u8]) -> usize {
        let mut rest = target;
        let mut copied = 0;
        for part in self.iter() {
            let now = part.len().min(rest.len());
            let (room, after) = rest.split_at_mut(now);
            room.copy_from_slice(part.get(..now).unwrap_or(&[]));
            rest = after;
            copied += now;
        }
        copied
    }

    /// A copy on the heap.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.iter().for_each(|part| bytes.extend_from_slice(part));
        bytes
    }
}

impl From<Buffer> for Chain {
    fn from(buffer: Buffer) -> Chain {
        Chain { buffers: vec![buffer] }
    }
}

impl From<Vec<Buffer>> for Chain {
    fn from(buffers: Vec<Buffer>) -> Chain {
        Chain { buffers }
    }
}

impl Extend<Buffer> for Chain {
    fn extend<I: IntoIterator<Item = Buffer>>(&mut self, buffers: I) {
        self.buffers.extend(buffers);
    }
}

impl FromIterator<Buffer> for Chain {
    fn from_iter<I: IntoIterator<Item = Buffer>>(buffers: I) -> Chain {
        Chain { buffers: buffers.into_iter().collect() }
    }
}
