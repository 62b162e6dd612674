//! Slices with bytes in them, as they are sent back: by a call, or by an entry of a ring.

use std::io;
use std::os::fd::RawFd;

use io_uring::types::Fd;
use io_uring::{opcode, squeue};

use crate::Failure;

/// Slices of one send: no message here has more.
const MOST: usize = 64;

/// The slices, and what a send of them points to. It may not move while an entry is under way.
pub(super) struct Bundle {
    ids: Vec<u16>,
    vectors: [libc::iovec; MOST],
    header: libc::msghdr,
}

impl Bundle {
    pub(super) fn new() -> Bundle {
        let none = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
        // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
        let header = unsafe { std::mem::zeroed() };
        Bundle { ids: Vec::with_capacity(MOST), vectors: [none; MOST], header }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub(super) fn push(&mut self, id: u16, vector: libc::iovec) -> Result<(), Failure> {
        *self.vectors.get_mut(self.ids.len()).ok_or("a message has too many slices")? = vector;
        self.ids.push(id);
        Ok(())
    }

    /// The slices, which may be given back when the list is drained.
    pub(super) fn ids(&mut self) -> &mut Vec<u16> {
        &mut self.ids
    }

    /// Sends all of it by a call. The socket blocks, so a call that succeeds has sent all.
    #[inline]
    pub(super) fn send(&mut self, descriptor: RawFd) -> io::Result<()> {
        let sent = if let ([only], [_]) = (self.vectors.get(..1).unwrap_or_default(), &self.ids[..]) {
            // SAFETY: the slice is not given back before this call is over.
            unsafe { libc::send(descriptor, only.iov_base, only.iov_len, libc::MSG_NOSIGNAL) }
        } else {
            // SAFETY: the vectors point to slices that are not given back before this call is over.
            unsafe { libc::sendmsg(descriptor, self.header(), libc::MSG_NOSIGNAL) }
        };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The same as an entry, which the kernel completes when all is sent.
    pub(super) fn entry(&mut self, descriptor: RawFd) -> squeue::Entry {
        let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        if let ([only], [_]) = (self.vectors.get(..1).unwrap_or_default(), &self.ids[..]) {
            let (address, length) = (only.iov_base.cast_const().cast(), only.iov_len as u32);
            opcode::Send::new(Fd(descriptor), address, length).flags(flags).build()
        } else {
            opcode::SendMsg::new(Fd(descriptor), self.header()).flags(flags as u32).build()
        }
    }

    fn header(&mut self) -> &libc::msghdr {
        self.header.msg_iov = self.vectors.as_mut_ptr();
        self.header.msg_iovlen = self.ids.len() as _;
        &self.header
    }
}
