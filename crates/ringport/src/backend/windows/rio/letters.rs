//! Registered memory for what sends say beside their data: where they go, and their control data.
//!
//! A slice that is sent may be shared, even sent to several peers at a time, so its own headroom cannot serve.
//!
//! ```text
//!   blocks    [ l0 | l1 | ... | l63 ]  [ l64 | ... ]      each registered once; one letter a place
//!   letter    | address ... | control's length | control data ... |   as in the headroom of a slice
//! ```

use std::cell::UnsafeCell;
use std::fmt;
use std::io;
use std::mem::size_of;
use std::net::SocketAddr;
use std::ptr::NonNull;

use windows_sys::Win32::Networking::WinSock::RIO_BUF;

use super::constants::CONTROL_HEAD;
use super::functions::Functions;
use super::region::RegisteredRegion;
use crate::backend::sys::address;
use crate::memory::{CONTROL_LENGTH_OFFSET, CONTROL_OFFSET, NAME_OFFSET, Registration};
use crate::net::ControlBuffer;

/// Letters in one block.
const BLOCK: usize = 64;
/// Bytes of a letter.
const LENGTH: usize = 192;

const _: () =
    assert!(CONTROL_OFFSET + ControlBuffer::CAPACITY <= LENGTH, "a letter has room for all that can be said");
const _: () = assert!(
    CONTROL_LENGTH_OFFSET + CONTROL_HEAD == CONTROL_OFFSET,
    "the length stands right before the data"
);
const _: () = assert!(NAME_OFFSET + address::LONGEST <= CONTROL_LENGTH_OFFSET, "an address ends before that");

#[repr(C, align(64))]
struct Letter(UnsafeCell<[u8; LENGTH]>);

/// One allocation with its registration, which goes first.
struct Block {
    region: RegisteredRegion,
    letters: Box<[Letter]>,
}

/// Letters for the places of one socket's sends.
pub(super) struct Letters {
    functions: &'static Functions,
    blocks: Vec<Block>,
}

/// What was written, as requests name it.
#[derive(Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) remote: Option<RIO_BUF>,
    pub(super) control: Option<RIO_BUF>,
}

impl Letters {
    /// Letters for so many places.
    pub(super) fn new(functions: &'static Functions, places: usize) -> io::Result<Letters> {
        let mut letters = Letters { functions, blocks: Vec::new() };
        letters.grow(places)?;
        Ok(letters)
    }

    /// Makes room for so many places in all; those that are there stay where they are.
    pub(super) fn grow(&mut self, places: usize) -> io::Result<()> {
        while self.blocks.len() * BLOCK < places {
            let letters: Box<[Letter]> = (0..BLOCK).map(|_| Letter(UnsafeCell::new([0; LENGTH]))).collect();
            let start = NonNull::from(&*letters).cast();
            // SAFETY: the block is dropped after its registration, and by `Socket` only when all its requests were
            // dequeued.
            let region =
                unsafe { RegisteredRegion::register(self.functions, start, size_of_val(&*letters))? };
            self.blocks.push(Block { region, letters });
        }
        Ok(())
    }

    /// Writes the letter of a place; `None` where there is no such place, or what is to be said is too long.
    ///
    /// # Safety
    /// No request in flight uses this place.
    pub(super) unsafe fn write(
        &mut self,
        place: u16,
        peer: Option<&SocketAddr>,
        control: &[u8],
    ) -> Option<Written> {
        let place = usize::from(place);
        let block = self.blocks.get(place / BLOCK)?;
        let index = place % BLOCK;
        // SAFETY: the letter is this socket's, whose thread runs here, and nobody reads it now by the caller's word.
        let letter = unsafe { &mut *block.letters.get(index)?.0.get() };
        let start = (index * size_of::<Letter>()) as u32;
        let slice = |offset: usize, length: usize| RIO_BUF {
            BufferId: block.region.id(),
            Offset: start + offset as u32,
            Length: length as u32,
        };
        let mut written = Written::default();
        if let Some(peer) = peer {
            let name = letter.get_mut(NAME_OFFSET..)?.first_chunk_mut::<{ address::LONGEST }>()?;
            address::encode(peer, name);
            written.remote = Some(slice(NAME_OFFSET, address::LONGEST));
        }
        if !control.is_empty() {
            let length = CONTROL_HEAD + control.len();
            letter.get_mut(CONTROL_OFFSET..)?.get_mut(..control.len())?.copy_from_slice(control);
            let head = letter.get_mut(CONTROL_LENGTH_OFFSET..)?.first_chunk_mut()?;
            *head = (length as u32).to_ne_bytes();
            written.control = Some(slice(CONTROL_LENGTH_OFFSET, length));
        }
        Some(written)
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Letters").field("blocks", &self.blocks.len()).finish_non_exhaustive()
    }
}
