//! What the kernel writes before a payload: the layout of io_uring's multishot receive.
//!
//! ```text
//!   0                   16                48
//!   | kernel's header   | name            | control ...
//! ```

use crate::memory::BufferMut;
use crate::memory::header::bytes;

/// Bytes of the kernel's own header.
pub(crate) const HEADER_LEN: usize = 16;
/// Where the peer's socket address stands.
pub(crate) const NAME_OFFSET: usize = HEADER_LEN;
/// Room for a socket address.
pub(crate) const NAME_LEN: usize = 32;
/// Where the control data stands.
pub(crate) const CONTROL_OFFSET: usize = NAME_OFFSET + NAME_LEN;

impl BufferMut {
    /// The first bytes of the headroom: what io_uring writes about a message.
    #[inline]
    pub(crate) fn kernel_header(&self) -> &[u8] {
        bytes(self, 0, HEADER_LEN)
    }
}
