//! Plain system calls: `recvmmsg` of 64 and one `recvfrom` a datagram.

use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, RawFd};

use super::candidate::{Drain, Names, Patience, SLICE, consume};
use crate::Failure;
use crate::block::Block;

/// Messages in one call.
pub(crate) const BATCH: usize = 64;

const NAME: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

fn empty_name() -> libc::sockaddr_in {
    // SAFETY: a plain C structure of integers; all zeroes is a valid value.
    unsafe { std::mem::zeroed() }
}

/// A loop over `recvmmsg`.
pub(crate) struct Batches {
    socket: UdpSocket,
    names: Names,
    messages: Vec<libc::mmsghdr>,
    // Both are written through pointers in `messages`, which stay good as neither is moved or resized.
    addresses: Vec<libc::sockaddr_in>,
    _vectors: Vec<libc::iovec>,
    buffers: Block,
}

impl Batches {
    /// Prepares the headers once: nothing in them has to be changed between calls.
    pub(crate) fn new(socket: UdpSocket, names: Names) -> io::Result<Batches> {
        let buffers = Block::new(BATCH, SLICE)?;
        let mut addresses = vec![empty_name(); BATCH];
        let mut vectors: Vec<_> = (0..BATCH)
            .map(|index| libc::iovec { iov_base: buffers.piece(index).cast(), iov_len: SLICE })
            .collect();
        let messages = vectors.iter_mut().zip(&mut addresses).map(|(vector, address)| {
            // SAFETY: mmsghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
            let mut message: libc::mmsghdr = unsafe { std::mem::zeroed() };
            message.msg_hdr.msg_iov = vector;
            message.msg_hdr.msg_iovlen = 1;
            if names == Names::Wanted {
                message.msg_hdr.msg_name = std::ptr::from_mut(address).cast();
                message.msg_hdr.msg_namelen = NAME;
            }
            message
        });
        let messages = messages.collect();
        Ok(Batches { socket, names, messages, addresses, _vectors: vectors, buffers })
    }

    /// One call on a socket, which need not be its own; looks at each datagram and returns how many there were.
    pub(crate) fn receive(&mut self, descriptor: RawFd) -> io::Result<usize> {
        // SAFETY: all headers point at memory of this object that nothing else uses during the call.
        let count = unsafe {
            libc::recvmmsg(
                descriptor,
                self.messages.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        let count = received(count as isize)?;
        for (index, (message, name)) in self.messages.iter().zip(&self.addresses).take(count).enumerate() {
            let (port, host) = match self.names {
                Names::Wanted => (u16::from_be(name.sin_port), u32::from_be(name.sin_addr.s_addr)),
                Names::Known => (0, 0),
            };
            consume(port, host, self.buffers.piece(index), message.msg_len as usize);
        }
        Ok(count)
    }
}

impl Drain for Batches {
    fn drain(&mut self, want: usize) -> Result<(), Failure> {
        let mut left = want;
        let mut patience = Patience::default();
        while left > 0 {
            let count = self.receive(self.socket.as_raw_fd())?;
            patience.look(count)?;
            left -= count.min(left);
        }
        Ok(())
    }
}

/// A loop over `recvfrom`, or `recv` where the peer is known.
pub(super) struct Single {
    socket: UdpSocket,
    names: Names,
    buffer: Vec<u8>,
}

impl Single {
    /// One buffer is all it needs.
    pub(super) fn new(socket: UdpSocket, names: Names) -> Single {
        Single { socket, names, buffer: vec![0; SLICE] }
    }
}

impl Drain for Single {
    fn drain(&mut self, want: usize) -> Result<(), Failure> {
        let mut left = want;
        let mut patience = Patience::default();
        let mut name = empty_name();
        let mut length = NAME;
        while left > 0 {
            let (address, length): (*mut libc::sockaddr_in, *mut libc::socklen_t) = match self.names {
                Names::Wanted => (&raw mut name, &raw mut length),
                Names::Known => (std::ptr::null_mut(), std::ptr::null_mut()),
            };
            // SAFETY: buffer, name and length are this function's own, with the sizes stated.
            let count = unsafe {
                libc::recvfrom(
                    self.socket.as_raw_fd(),
                    self.buffer.as_mut_ptr().cast(),
                    self.buffer.len(),
                    libc::MSG_DONTWAIT,
                    address.cast(),
                    length,
                )
            };
            let count = received(count)?;
            patience.look(count)?;
            if count > 0 {
                let (port, host) = (u16::from_be(name.sin_port), u32::from_be(name.sin_addr.s_addr));
                consume(port, host, self.buffer.as_ptr(), count);
                left -= 1;
            }
        }
        Ok(())
    }
}

/// The result of a call; an empty socket gives nothing.
fn received(result: isize) -> io::Result<usize> {
    if result >= 0 {
        return Ok(result as usize);
    }
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::WouldBlock { Ok(0) } else { Err(error) }
}
