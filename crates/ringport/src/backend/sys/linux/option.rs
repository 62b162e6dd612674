//! Socket options, read and written as the plain values they are.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::checked;

/// A value that an option may have: integers without padding, for which every bit pattern is a value.
///
/// # Safety
/// The kernel writes any bytes into it, and reads all of its bytes.
pub(crate) unsafe trait Plain: Copy + Default {}
// SAFETY: an integer has no padding and takes every bit pattern.
unsafe impl Plain for i32 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: an array of integers has no padding and takes every bit pattern.
unsafe impl<const COUNT: usize> Plain for [u32; COUNT] where [u32; COUNT]: Default {}

/// Sets an option.
pub(crate) fn set<T: Plain>(socket: BorrowedFd<'_>, level: i32, name: i32, value: &T) -> io::Result<()> {
    let length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for reading as many bytes as stated, none of them padding.
    checked(unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, name, std::ptr::from_ref(value).cast(), length)
    })?;
    Ok(())
}

/// Reads an option. What an older kernel does not write stays zero.
pub(crate) fn get<T: Plain>(socket: BorrowedFd<'_>, level: i32, name: i32) -> io::Result<T> {
    let mut value = T::default();
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for writing as many bytes as stated, and takes every bit pattern.
    checked(unsafe {
        libc::getsockopt(socket.as_raw_fd(), level, name, std::ptr::from_mut(&mut value).cast(), &mut length)
    })?;
    Ok(value)
}

/// What waits to be sent is among the [`unacknowledged`] bytes.
pub(crate) const TELLS_UNSENT: bool = true;

/// Bytes of a stream that its peer's system has not acknowledged, with one for the end once that was sent (`SIOCOUTQ`).
/// None where the system does not say.
pub(crate) fn unacknowledged(socket: BorrowedFd<'_>) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: this request writes one integer, for which `bytes` is valid.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
    if result == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// A switch: on or off.
pub(crate) fn set_switch(socket: BorrowedFd<'_>, level: i32, name: i32, on: bool) -> io::Result<()> {
    set(socket, level, name, &i32::from(on))
}

/// Attaches a filter that lets no packet through: what comes from now on never enters the socket's queue,
/// what is in the queue stays.
pub(crate) fn attach_filter_of_nothing(socket: BorrowedFd<'_>) -> io::Result<()> {
    // One instruction: return 0, the number of bytes of the packet to keep.
    let code = (libc::BPF_RET | libc::BPF_K) as u16;
    let mut keep_nothing = libc::sock_filter { code, jt: 0, jf: 0, k: 0 };
    let program = libc::sock_fprog { len: 1, filter: &mut keep_nothing };
    let length = size_of::<libc::sock_fprog>() as libc::socklen_t;
    // SAFETY: `program` and the one instruction it points at outlive the call, which copies them.
    checked(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            std::ptr::from_ref(&program).cast(),
            length,
        )
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    #[test]
    fn a_switch_reads_back() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let read = || get::<i32>(socket.as_fd(), libc::SOL_SOCKET, libc::SO_BROADCAST).unwrap();
        assert_eq!(read(), 0);
        set_switch(socket.as_fd(), libc::SOL_SOCKET, libc::SO_BROADCAST, true).unwrap();
        assert_eq!(read(), 1);
    }

    #[test]
    fn errors_are_those_of_the_kernel() {
        let file = File::open("/dev/null").unwrap();
        let error = get::<i32>(file.as_fd(), libc::SOL_SOCKET, libc::SO_TYPE).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOTSOCK));
    }
}
