//! The bytes of a file that are on their way: read from the port into slices, a slice at a time.

use std::ops::Range;

use ringport::BufferMut;
use ringport::port::{Done, NotStarted, PortFile, Started};

/// A file, and what is left to be sent of it.
#[derive(Debug)]
pub(crate) struct Body {
    file: PortFile,
    left: Range<u64>,
    /// A slice is being filled. The file is kept till then: to close it would be to wait for that.
    reading: bool,
}

impl Body {
    /// All bytes of `left`, which are not none.
    pub(crate) fn new(file: PortFile, left: Range<u64>) -> Body {
        // What is in memory already is read at once and needs no packet.
        file.skip_on_success(true);
        Body { file, left, reading: false }
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.reading
    }

    pub(crate) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// Begins to fill a slice; what is done at once is returned.
    pub(crate) fn read(&mut self, slice: BufferMut) -> Result<Option<Done>, NotStarted<BufferMut>> {
        match self.file.read_at(slice, self.left.start, 0)? {
            Started::Done(done) => Ok(Some(done)),
            Started::Pending(_) => {
                self.reading = true;
                Ok(None)
            }
        }
    }

    /// The slice to send, when it is filled. None when the file has become shorter than was announced, or cannot be
    /// read.
    pub(crate) fn filled(&mut self, done: Done) -> Option<BufferMut> {
        self.reading = false;
        let bytes = done.result().ok().filter(|bytes| *bytes > 0)? as u64;
        let mut slice = done.into_unique()?;
        // More is read than is wanted of a part, and of a file that grows.
        let wanted = bytes.min(self.left.end - self.left.start);
        slice.truncate(usize::try_from(wanted).ok()?);
        self.left.start += wanted;
        Some(slice)
    }
}
