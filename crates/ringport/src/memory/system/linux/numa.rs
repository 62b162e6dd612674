//! Which memory node a region comes from, on machines that have several.

use crate::memory::settings::NODES;
use std::io;
use std::ptr::NonNull;

/// `MPOL_PREFERRED`: from that node while it has memory, else from another. A strict binding would have the program
/// killed for want of memory that the machine has.
const PREFERRED: libc::c_int = 1;
const WORD_BITS: usize = libc::c_ulong::BITS as usize;

/// Asks for the pages of a fresh mapping to come from `node`.
pub(crate) fn prefer(base: NonNull<u8>, bytes: usize, node: usize) -> io::Result<()> {
    let mut mask: [libc::c_ulong; NODES / WORD_BITS] = [0; NODES / WORD_BITS];
    let Some(word) = mask.get_mut(node / WORD_BITS) else {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    };
    *word = 1 << (node % WORD_BITS);
    // The kernel reads one bit less than it is told of.
    let bits = NODES + 1;
    // SAFETY: the mask is live and has the bits that are told; the policy changes where pages of the range come
    // from, never what they hold.
    let result =
        unsafe { libc::syscall(libc::SYS_mbind, base.as_ptr(), bytes, PREFERRED, mask.as_ptr(), bits, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
