//! One datagram a system call: what a server without any queue does.
//!
//! A receive writes where the queues' receives write, so a buffer filled here reads the same: the payload
//! behind, address and control data in the headroom before it.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use crate::backend::datagram::{last_error, received_flags};
use crate::backend::sys::address;
use crate::memory::{self, BufferMut, CONTROL_OFFSET, HasHeader, NAME_LEN, NAME_OFFSET};

/// What one receive brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A datagram; whether the slice was too short for all of it.
    Datagram { truncated: bool },
    /// The socket was shut down for reading, and nothing is left in it.
    End,
}

/// A socket whose receives were ended ends those that come later, too, once it is empty.
pub(crate) const STAYS_ENDED: bool = true;

/// Waits for a datagram and receives it into `buffer`, with the peer's address.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut BufferMut) -> io::Result<Arrival> {
    let Some((header, _)) = buffer.header_ptr() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut name_len = NAME_LEN as libc::socklen_t;
    // SAFETY: the payload is valid for `capacity` bytes and the headroom for a name of `NAME_LEN`; the
    // buffer is borrowed uniquely until the call returns. MSG_TRUNC makes it return the datagram's length.
    let length = unsafe {
        libc::recvfrom(
            socket.as_raw_fd(),
            buffer.payload_ptr().cast(),
            buffer.capacity(),
            libc::MSG_TRUNC,
            header.wrapping_add(NAME_OFFSET).cast(),
            &mut name_len,
        )
    };
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    Ok(arrived(buffer, length, name_len as usize, 0, 0))
}

/// As [`receive`], with the control data too.
pub(crate) fn receive_message(socket: BorrowedFd<'_>, buffer: &mut BufferMut) -> io::Result<Arrival> {
    let Some((header, headroom)) = buffer.header_ptr() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut vector = libc::iovec { iov_base: buffer.payload_ptr().cast(), iov_len: buffer.capacity() };
    // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_name = header.wrapping_add(NAME_OFFSET).cast();
    message.msg_namelen = NAME_LEN as _;
    message.msg_iov = &mut vector;
    message.msg_iovlen = 1;
    message.msg_control = header.wrapping_add(CONTROL_OFFSET).cast();
    message.msg_controllen = (headroom as usize).saturating_sub(CONTROL_OFFSET) as _;
    // SAFETY: the header points at the payload and the headroom of the buffer, which is borrowed uniquely
    // until the call returns, with the lengths of both.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &mut message, libc::MSG_TRUNC) };
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    let flags = received_flags(message.msg_flags);
    Ok(arrived(buffer, length, message.msg_namelen as usize, message.msg_controllen as usize, flags))
}

/// A datagram always has a sender, so a result without one is the end of a socket that was shut down.
fn arrived(buffer: &mut BufferMut, length: usize, name_len: usize, control_len: usize, flags: u8) -> Arrival {
    let received =
        memory::Received { name_len: name_len.min(NAME_LEN) as u8, control_len: control_len as u16, flags };
    buffer.set_received(u32::try_from(length).unwrap_or(u32::MAX), received);
    if name_len == 0 && length == 0 {
        return Arrival::End;
    }
    Arrival::Datagram { truncated: length > buffer.capacity() }
}

/// Whether no datagram waits in the socket. An error that waited there is taken: it is not a datagram.
pub(crate) fn is_empty(socket: BorrowedFd<'_>) -> bool {
    loop {
        // SAFETY: no byte is asked for, so none is written.
        let found = unsafe {
            libc::recv(socket.as_raw_fd(), ptr::null_mut(), 0, libc::MSG_PEEK | libc::MSG_DONTWAIT)
        };
        if found >= 0 {
            return false;
        }
        if last_error() == libc::EAGAIN {
            return true;
        }
    }
}

/// Sends one datagram, with `control` data unless it is empty. Waits for room only with `wait`.
pub(crate) fn send(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    peer: &SocketAddr,
    control: &[u8],
    wait: bool,
) -> io::Result<()> {
    let mut name = [0; address::LONGEST];
    let name_len = address::encode(peer, &mut name);
    let flags = libc::MSG_NOSIGNAL | if wait { 0 } else { libc::MSG_DONTWAIT };
    let sent = if control.is_empty() {
        // SAFETY: `bytes` and `name` are valid for reading as many bytes as stated.
        unsafe {
            libc::sendto(
                socket.as_raw_fd(),
                bytes.as_ptr().cast(),
                bytes.len(),
                flags,
                name.as_ptr().cast(),
                name_len as libc::socklen_t,
            )
        }
    } else {
        let mut vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let message = message_to(&mut name, name_len, &mut vector, control);
        // SAFETY: the header points at `name`, `vector`, `bytes` and `control`, which the call only reads.
        unsafe { libc::sendmsg(socket.as_raw_fd(), &message, flags) }
    };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The most datagrams in one call of [`send_many`].
pub(crate) const MOST: usize = 64;

/// Sends up to [`MOST`] datagrams with one call that does not wait; returns how many left, at least one.
pub(crate) fn send_many(socket: BorrowedFd<'_>, datagrams: &[(SocketAddr, &[u8])]) -> io::Result<usize> {
    let mut names = [[0; address::LONGEST]; MOST];
    let mut vectors = [libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; MOST];
    // SAFETY: mmsghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut messages: [libc::mmsghdr; MOST] = unsafe { std::mem::zeroed() };
    let places = messages.iter_mut().zip(&mut names).zip(&mut vectors);
    for ((peer, bytes), ((message, name), vector)) in datagrams.iter().zip(places) {
        let name_len = address::encode(peer, name);
        *vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        message.msg_hdr = message_to(name, name_len, vector, &[]);
    }
    let count = datagrams.len().min(MOST);
    // SAFETY: the first `count` headers point at the names and vectors of this function and at the bytes of
    // the caller, all of which the call only reads.
    let sent = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr(),
            count as libc::c_uint,
            (libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT) as _,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// A header for sending one piece to one address. It points at its arguments.
fn message_to(
    name: &mut [u8; address::LONGEST],
    name_len: usize,
    vector: &mut libc::iovec,
    control: &[u8],
) -> libc::msghdr {
    // SAFETY: msghdr is a plain C structure of integers and pointers; all zeroes is a valid value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_name = name.as_mut_ptr().cast();
    message.msg_namelen = name_len as _;
    message.msg_iov = vector;
    message.msg_iovlen = 1;
    if !control.is_empty() {
        message.msg_control = control.as_ptr().cast_mut().cast();
        message.msg_controllen = control.len() as _;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::sys::option;
    use crate::backend::sys::tests::blocking::slice;
    use crate::{BufferPool, Lock};
    use std::net::{Shutdown, UdpSocket};
    use std::os::fd::AsFd;
    use std::thread;

    #[test]
    fn control_data_that_does_not_fit_is_told() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        for (name, cut) in [(libc::SO_BROADCAST, false), (libc::SO_TIMESTAMPNS, true)] {
            option::set_switch(socket.as_fd(), libc::SOL_SOCKET, name, true).unwrap();
            let pool = BufferPool::builder().slice_size(8).slices_per_region(1).control(0).lock(Lock::Off);
            let mut buffer = pool.build().unwrap().take().unwrap();
            send(socket.as_fd(), b"timed", &address, &[], true).unwrap();
            receive_message(socket.as_fd(), &mut buffer).unwrap();
            assert_eq!(buffer.received().flags & memory::Received::CONTROL_TRUNCATED != 0, cut);
        }
    }

    #[test]
    fn shutting_down_ends_a_receive_after_the_last_datagram() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let blocked = thread::spawn({
            let socket = socket.try_clone().unwrap();
            move || {
                let mut buffer = slice();
                let arrivals = std::iter::repeat_with(|| receive(socket.as_fd(), &mut buffer).unwrap());
                arrivals.take_while(|arrival| *arrival != Arrival::End).count()
            }
        });
        socket.send_to(b"last", address).unwrap();
        // It works although a socket without a peer cannot be shut down in the usual sense.
        let error = socket2::SockRef::from(&socket).shutdown(Shutdown::Read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        assert_eq!(blocked.join().unwrap(), 1);
    }
}
