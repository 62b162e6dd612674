//! epoll and `recvmmsg`, written by hand: what a careful program does without any library.
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

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::Failure;
use crate::part::{SLICE, consume, ready};

/// Datagrams a call, at most.
const BATCH: usize = 64;
const NAME: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

pub(super) fn run(socket: &UdpSocket) -> Result<(), Failure> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
    let mut events = [EpollEvent::empty()];
    let mut batch = Batch::new();
    ready(socket.local_addr()?)?;
    loop {
        match epoll.wait(&mut events, EpollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => while batch.receive(socket)? == BATCH {},
            Err(error) => return Err(error.into()),
        }
    }
}

/// Everything that the headers point to, none of it moved or resized while they are in use.
struct Batch {
    messages: Vec<libc::mmsghdr>,
    addresses: Vec<libc::sockaddr_in>,
    _vectors: Vec<libc::iovec>,
    slices: Vec<[u8; SLICE]>,
}

impl Batch {
    fn new() -> Batch {
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
        Batch { messages, addresses, _vectors: vectors, slices }
    }

    /// Receives what is there, up to a batch; returns how many datagrams it was.
    fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
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
        let Ok(count) = usize::try_from(count) else {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::WouldBlock { Ok(0) } else { Err(error) };
        };
        for ((message, name), slice) in
            self.messages.iter().zip(&self.addresses).zip(&self.slices).take(count)
        {
            let host = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
            let peer = SocketAddr::from((host, u16::from_be(name.sin_port)));
            consume(slice.get(..message.msg_len as usize).unwrap_or_default(), peer);
        }
        Ok(count)
    }
}
