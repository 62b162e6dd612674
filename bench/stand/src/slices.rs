//! What lies in a slice that the kernel chose for a datagram, and how any thread may look into it.
//!
//! ```text
//!   slice   [header 16 | name 16 | control 0 or 24 | payload ...]
//! ```

use std::net::SocketAddr;
use std::ptr::NonNull;

use io_uring::types::RecvMsgOut;

use crate::batch::{Run, SUPER_BUFFER};
use crate::control::{CONTROL, Control};
use crate::part::SLICE;
use crate::provided::Provided;

/// Room for all that comes before the payload, and what keeps slices aligned.
const HEADROOM: usize = 64;
const BEFORE_NAME: usize = 16;

/// What a slice is to have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A datagram.
    Datagram,
    /// A run of datagrams, as receive offload makes them, and the size of one.
    Run,
}

impl Room {
    /// From one slice to the next.
    pub(crate) fn stride(self) -> usize {
        HEADROOM + if self == Room::Run { SUPER_BUFFER } else { SLICE }
    }

    /// What a multishot receive wants to know: the size of an address and of control data.
    pub(crate) fn header(self) -> libc::msghdr {
        // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        header.msg_controllen = if self == Room::Run { CONTROL as _ } else { 0 };
        header
    }
}

/// A datagram in a slice, not looked at yet. It is the right to the slice until the id is given back.
#[derive(Debug)]
pub struct Arrived {
    pub id: u16,
    pub length: u32,
}

/// All slices, for reading.
#[derive(Clone, Copy, Debug)]
pub struct Slices {
    first: NonNull<u8>,
    room: Room,
}

// SAFETY: the memory is never freed, and a slice is read only by who holds its `Arrived`.
unsafe impl Send for Slices {}
// SAFETY: as above.
unsafe impl Sync for Slices {}

impl Slices {
    /// Those of `provided`, which have the stride of `room`.
    pub(crate) fn of(provided: &Provided, room: Room) -> Slices {
        Slices { first: provided.slices(), room }
    }

    /// Shows the payload and who sent it.
    #[inline]
    pub fn see(self, arrived: &Arrived, see: impl FnOnce(&[u8], SocketAddr)) {
        if let Some(run) = self.run(arrived) {
            see(run.payload, run.peer());
        }
    }

    /// All that is in the slice; nothing if the kernel left no room for it.
    #[inline]
    pub fn run<'arrived>(&self, arrived: &'arrived Arrived) -> Option<Run<'arrived>> {
        // SAFETY: the id is the kernel's own, so the slice is inside, and it wrote so many bytes to it; it is not
        // given back while `arrived` is borrowed.
        let bytes: &'arrived [u8] = unsafe {
            let slice = self.first.add(usize::from(arrived.id) * self.room.stride());
            std::slice::from_raw_parts(slice.as_ptr(), arrived.length as usize)
        };
        let header = self.room.header();
        let message = RecvMsgOut::parse(bytes, &header).ok()?;
        let before = BEFORE_NAME + header.msg_namelen as usize;
        let payload = bytes.get(before + header.msg_controllen..)?;
        let payload = payload.get(..message.payload_data().len())?;
        // SAFETY: the socket is of IPv4, so the kernel wrote a whole address, at an offset of 16 in an aligned slice.
        let name = unsafe { &*bytes.as_ptr().add(BEFORE_NAME).cast::<libc::sockaddr_in>() };
        let segment = if message.control_data().is_empty() {
            None
        } else {
            // SAFETY: the room for control data is whole and aligned whatever was written to it, and is all integers.
            unsafe { &*bytes.as_ptr().add(before).cast::<Control>() }.segment()
        };
        Some(Run { name, payload, segment: segment.unwrap_or(payload.len()) })
    }
}
