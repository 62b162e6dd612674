//! `recvmmsg` without a library.
//!
//! ```text
//!   headers    ┌─────┬─────┬─────┐
//!              │  0  │  1  │ ... │ 64 of them, prepared once
//!              └──┬──┴──┬──┴─────┘
//!   addresses  ◄──┤  ◄──┤
//!   controls   ◄──┤  ◄──┤         with receive offload: the size of the segments
//!   vectors    ◄──┘  ◄──┘  ──► one slice of the buffer each
//! ```

use std::io;
use std::mem::zeroed;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};

use crate::control::{Control, ask_for_runs};
use crate::part::SLICE;

/// Datagrams a call, or runs of them, at most.
pub const BATCH: usize = 64;
/// Room for what the kernel makes one of by receive offload.
pub const SUPER_BUFFER: usize = 64 * 1024;
/// From one slice to the next beside the room itself: slices that lie a power of two apart would fight for the same
/// places in a cache.
const BETWEEN: usize = 128;
const NAME: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

/// Everything that the headers point to, none of it moved or resized while they are in use.
pub struct Batch {
    messages: Vec<libc::mmsghdr>,
    addresses: Vec<libc::sockaddr_in>,
    controls: Vec<Control>,
    _vectors: Vec<libc::iovec>,
    buffer: Vec<u8>,
    room: usize,
    received: usize,
}

/// Datagrams of one peer that came as one: all of the same size, the last perhaps shorter. Mostly it is one.
pub struct Run<'batch> {
    pub name: &'batch libc::sockaddr_in,
    pub payload: &'batch [u8],
    /// Bytes of each datagram.
    pub segment: usize,
}

impl Run<'_> {
    /// Who sent it.
    #[inline]
    pub fn peer(&self) -> SocketAddr {
        let host = Ipv4Addr::from(u32::from_be(self.name.sin_addr.s_addr));
        SocketAddr::from((host, u16::from_be(self.name.sin_port)))
    }

    /// Shows each of its datagrams.
    #[inline]
    pub fn each(&self, mut see: impl FnMut(&[u8], SocketAddr)) {
        let peer = self.peer();
        if self.payload.len() <= self.segment {
            see(self.payload, peer);
        } else {
            self.payload.chunks(self.segment).for_each(|payload| see(payload, peer));
        }
    }
}

impl Batch {
    /// Room for [`BATCH`] datagrams.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Batch {
        Batch::with_room(SLICE)
    }

    /// Room for [`BATCH`] runs of datagrams, as `socket` gets them from now on.
    pub fn with_offload(socket: &UdpSocket) -> io::Result<Batch> {
        ask_for_runs(socket)?;
        let mut batch = Batch::with_room(SUPER_BUFFER);
        batch.controls = vec![Control::EMPTY; BATCH];
        for (message, control) in batch.messages.iter_mut().zip(&mut batch.controls) {
            message.msg_hdr.msg_control = std::ptr::from_mut(control).cast();
            message.msg_hdr.msg_controllen = size_of::<Control>() as _;
        }
        Ok(batch)
    }

    fn with_room(room: usize) -> Batch {
        // SAFETY: a plain C structure of integers; all zeroes is a valid value.
        let mut addresses: Vec<libc::sockaddr_in> = vec![unsafe { zeroed() }; BATCH];
        let mut buffer = vec![0; BATCH * (room + BETWEEN)];
        let slices = buffer.chunks_exact_mut(room + BETWEEN);
        let mut vectors: Vec<_> =
            slices.map(|slice| libc::iovec { iov_base: slice.as_mut_ptr().cast(), iov_len: room }).collect();
        let messages = vectors.iter_mut().zip(&mut addresses).map(|(vector, address)| {
            // SAFETY: a plain C structure of integers and pointers; all zeroes is a valid value.
            let mut message: libc::mmsghdr = unsafe { zeroed() };
            message.msg_hdr.msg_iov = vector;
            message.msg_hdr.msg_iovlen = 1;
            message.msg_hdr.msg_name = std::ptr::from_mut(address).cast();
            message.msg_hdr.msg_namelen = NAME;
            message
        });
        let messages = messages.collect();
        Batch { messages, addresses, controls: Vec::new(), _vectors: vectors, buffer, room, received: 0 }
    }

    /// Receives what is there, up to a batch; returns how many it was, and 0 if nothing is there.
    pub fn receive(&mut self, socket: &impl AsFd) -> io::Result<usize> {
        match self.try_receive(socket) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            received => received,
        }
    }

    /// The same, with the error `WouldBlock` if nothing is there.
    pub fn try_receive(&mut self, socket: &impl AsFd) -> io::Result<usize> {
        self.call(socket, libc::MSG_DONTWAIT)
    }

    /// Sleeps in the socket until something is there; 0 if that took longer than the socket's timeout.
    pub fn wait(&mut self, socket: &impl AsFd) -> io::Result<usize> {
        match self.call(socket, libc::MSG_WAITFORONE) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(0)
            }
            received => received,
        }
    }

    fn call(&mut self, socket: &impl AsFd, flags: libc::c_int) -> io::Result<usize> {
        if !self.controls.is_empty() {
            // The kernel left in those of the last call how much it wrote.
            for message in self.messages.iter_mut().take(self.received) {
                message.msg_hdr.msg_controllen = size_of::<Control>() as _;
            }
        }
        self.received = 0;
        // SAFETY: all headers point at memory of this object, which nothing else uses during the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_fd().as_raw_fd(),
                self.messages.as_mut_ptr(),
                BATCH as libc::c_uint,
                flags as _,
                std::ptr::null_mut(),
            )
        };
        self.received = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        Ok(self.received)
    }

    /// Shows each datagram of the last call.
    #[inline]
    pub fn each(&self, mut see: impl FnMut(&[u8], SocketAddr)) {
        self.runs().for_each(|run| run.each(&mut see));
    }

    /// What the last call received, in order.
    #[inline]
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> + Clone {
        let messages = self.messages.iter().take(self.received).enumerate();
        messages.zip(&self.addresses).zip(self.buffer.chunks_exact(self.room + BETWEEN)).map(
            |(((index, message), name), slice)| {
                let payload = slice.get(..message.msg_len as usize).unwrap_or_default();
                let control = self.controls.get(index).filter(|_| message.msg_hdr.msg_controllen > 0);
                let segment = control.and_then(Control::segment).unwrap_or(payload.len());
                Run { name, payload, segment }
            },
        )
    }
}
