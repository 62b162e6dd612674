//! What lies in a slice that the kernel chose for a datagram, and how any thread may look into it.
//!
//! ```text
//!   slice   [header 16 | name 16 | payload ...]
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::ptr::NonNull;

use crate::part::SLICE;
use crate::provided::Provided;
use io_uring::types::RecvMsgOut;

/// Room for the kernel's header and the address, and what keeps slices aligned.
const HEADROOM: usize = 64;
/// From one slice to the next.
pub const STRIDE: usize = SLICE + HEADROOM;

/// A datagram in a slice, not looked at yet. It is the right to the slice until the id is given back.
#[derive(Debug)]
pub struct Arrived {
    pub id: u16,
    pub length: u32,
}

/// What a multishot receive wants to know: the size of an address.
pub fn header() -> libc::msghdr {
    // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    header
}

/// All slices, for reading.
#[derive(Clone, Copy, Debug)]
pub struct Slices(NonNull<u8>);

// SAFETY: the memory is never freed, and a slice is read only by who holds its `Arrived`.
unsafe impl Send for Slices {}
// SAFETY: as above.
unsafe impl Sync for Slices {}

impl Slices {
    /// Those of `provided`, which are [`STRIDE`] apart.
    pub fn of(provided: &Provided) -> Slices {
        Slices(provided.slices())
    }

    /// Shows the payload and who sent it.
    #[inline]
    pub fn see(self, arrived: &Arrived, see: impl FnOnce(&[u8], SocketAddr)) {
        // SAFETY: the id is the kernel's own, so the slice is inside, and it wrote so many bytes to it; it is not
        // given back while `arrived` is borrowed.
        let bytes = unsafe {
            let slice = self.0.add(usize::from(arrived.id) * STRIDE);
            std::slice::from_raw_parts(slice.as_ptr(), arrived.length as usize)
        };
        let Ok(message) = RecvMsgOut::parse(bytes, &header()) else { return };
        // SAFETY: the socket is of IPv4, so the kernel wrote a whole address, at an offset of 16 in an aligned slice.
        let name = unsafe { &*message.name_data().as_ptr().cast::<libc::sockaddr_in>() };
        let host = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
        see(message.payload_data(), SocketAddr::from((host, u16::from_be(name.sin_port))));
    }
}
