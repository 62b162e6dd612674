//! `recvmmsg` without a library.
//!
//! ```text
//!   headers    ┌─────┬─────┬─────┐
//!              │  0  │  1  │ ... │ 64 of them, prepared once
//!              └──┬──┴──┬──┴─────┘
//!   addresses  ◄──┤  ◄──┤
//!   vectors    ◄──┘  ◄──┘  ──► one slice of the buffer each
//! ```

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use crate::part::SLICE;

/// Datagrams a call, at most.
pub const BATCH: usize = 64;
const NAME: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

/// Everything that the headers point to, none of it moved or resized while they are in use.
pub struct Batch {
    messages: Vec<libc::mmsghdr>,
    addresses: Vec<libc::sockaddr_in>,
    _vectors: Vec<libc::iovec>,
    slices: Vec<[u8; SLICE]>,
    received: usize,
}

impl Batch {
    /// Room for [`BATCH`] datagrams.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Batch {
        // SAFETY: a plain C structure of integers; all zeroes is a valid value.
        let mut addresses: Vec<libc::sockaddr_in> = vec![unsafe { std::mem::zeroed() }; BATCH];
        let mut slices = vec![[0; SLICE]; BATCH];
        let vectors = slices.iter_mut();
        let mut vectors: Vec<_> = vectors
            .map(|slice| libc::iovec { iov_base: slice.as_mut_ptr().cast(), iov_len: SLICE })
            .collect();
        let messages = vectors.iter_mut().zip(&mut addresses).map(|(vector, address)| {
            // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
            let mut message: libc::mmsghdr = unsafe { std::mem::zeroed() };
            message.msg_hdr.msg_iov = vector;
            message.msg_hdr.msg_iovlen = 1;
            message.msg_hdr.msg_name = std::ptr::from_mut(address).cast();
            message.msg_hdr.msg_namelen = NAME;
            message
        });
        let messages = messages.collect();
        Batch { messages, addresses, _vectors: vectors, slices, received: 0 }
    }

    /// Receives what is there, up to a batch; returns how many datagrams it was.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        // SAFETY: all headers point at memory of this object, which nothing else uses during the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.messages.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        let error = io::Error::last_os_error();
        self.received = match usize::try_from(count) {
            Ok(count) => count,
            Err(_) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => return Err(error),
        };
        Ok(self.received)
    }

    /// Shows each datagram of the last call.
    pub fn each(&self, mut see: impl FnMut(&[u8], SocketAddr)) {
        let messages = self.messages.iter().zip(&self.addresses).zip(&self.slices);
        for ((message, name), slice) in messages.take(self.received) {
            let host = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
            let peer = SocketAddr::from((host, u16::from_be(name.sin_port)));
            see(slice.get(..message.msg_len as usize).unwrap_or_default(), peer);
        }
    }
}
