//! The arguments of one call: slices as the system wants them.

use windows_sys::Win32::Networking::WinSock::WSABUF;

use crate::backend::contract::Payload;
use crate::memory::{BufferMut, HasHeader, Place, Placed};

/// What stands for no memory.
pub(super) const NOTHING: WSABUF = WSABUF { len: 0, buf: std::ptr::null_mut() };

/// Parts of slices, collected for one call; allocated when sockets are attached.
#[derive(Default)]
pub(super) struct Parts(Vec<WSABUF>);

// SAFETY: the pointers are written anew for each call, which reads them before it returns.
unsafe impl Send for Parts {}

impl Parts {
    /// Makes room for so many.
    pub(super) fn make_room(&mut self, most: usize) {
        self.0.clear();
        self.0.reserve(most);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    #[inline]
    pub(super) fn push(&mut self, start: *mut u8, length: usize) {
        self.0.push(WSABUF { len: length as u32, buf: start });
    }

    /// All of a slice from a byte on, for a receive; returns how much that is.
    #[inline]
    pub(super) fn push_room(&mut self, buffer: &BufferMut, from: usize) -> usize {
        let room = buffer.capacity() - from.min(buffer.capacity());
        if room > 0 {
            self.push(buffer.payload_ptr().wrapping_add(from), room);
        }
        room
    }

    /// Part of a send; false, and only some of it is there, when that takes more than `most` parts.
    #[inline]
    pub(super) fn push_bytes(&mut self, payload: &Payload, from: usize, bytes: usize, most: usize) -> bool {
        let (mut skip, mut left) = (from, bytes);
        payload.each_slice(|slice| {
            let begin = skip.min(slice.len());
            let end = slice.len().min(begin.saturating_add(left));
            let part = slice.get(begin..end).unwrap_or_default();
            (skip, left) = (skip - begin, left - part.len());
            if part.is_empty() {
                return true;
            }
            if self.0.len() == most {
                return false;
            }
            self.push(part.as_ptr().cast_mut(), part.len());
            true
        })
    }

    pub(super) fn truncate(&mut self, parts: usize) {
        self.0.truncate(parts);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// For a call: at least one, which may be of no memory.
    #[inline]
    pub(super) fn as_slice(&self) -> &[WSABUF] {
        if self.0.is_empty() { &[NOTHING] } else { &self.0 }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Parts({})", self.0.len())
    }
}

/// Where a byte of a slice lies.
#[inline]
pub(super) fn place_in<B: HasHeader>(buffer: &B, from: usize) -> Place<'_> {
    let Place { stretch, offset } = buffer.payload_place();
    Place { stretch, offset: offset + from }
}

/// Where a byte of a send lies; `None` for a send without slices.
pub(super) fn place_of(payload: &Payload, from: usize) -> Option<Place<'_>> {
    /// `start`: where the filled part begins, in bytes from the start of its stretch.
    fn at<B: HasHeader>(buffer: &B, start: usize, from: usize) -> Place<'_> {
        Place { stretch: buffer.payload_place().stretch, offset: start + from }
    }
    match payload {
        Payload::Unique(buffer) => Some(at(buffer, buffer.offset(), from)),
        Payload::Shared(buffer) => Some(at(buffer, buffer.offset(), from)),
        Payload::ChainMut(chain) => {
            let mut skip = from;
            // One of no bytes lies where its first slice does.
            let of_byte = chain.buffers().iter().find(|buffer| holds(&mut skip, buffer.len()));
            of_byte.or(chain.buffers().first()).map(|buffer| at(buffer, buffer.offset(), skip))
        }
        Payload::Chain(chain) => {
            let mut skip = from;
            // One of no bytes lies where its first slice does.
            let of_byte = chain.buffers().iter().find(|buffer| holds(&mut skip, buffer.len()));
            of_byte.or(chain.buffers().first()).map(|buffer| at(buffer, buffer.offset(), skip))
        }
        Payload::Stream(_) | Payload::None => None,
    }
}

/// Whether the byte is in this slice; otherwise how far it is behind.
fn holds(skip: &mut usize, length: usize) -> bool {
    if *skip < length {
        return true;
    }
    *skip -= length;
    false
}
