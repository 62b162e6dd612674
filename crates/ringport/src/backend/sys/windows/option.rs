//! Socket options, read and written as the plain values they are, and what only a control code (`WSAIoctl`) does.

use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};
use std::ptr::null_mut;

use windows_sys::Win32::Networking::WinSock::{
    SIO_TCP_INFO, SIO_UDP_CONNRESET, SIO_UDP_NETRESET, SOCKET, TCP_INFO_v0, WSAEINVAL, WSAEOPNOTSUPP,
    WSAIoctl, getsockopt, setsockopt,
};

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
pub(crate) fn set<T: Plain>(socket: BorrowedSocket<'_>, level: i32, name: i32, value: &T) -> io::Result<()> {
    let (socket, value) = (socket.as_raw_socket() as SOCKET, std::ptr::from_ref(value).cast());
    // SAFETY: `value` is valid for reading as many bytes as stated, none of them padding.
    checked(unsafe { setsockopt(socket, level, name, value, size_of::<T>() as i32) })
}

/// Reads an option. What the system does not write stays zero.
pub(crate) fn get<T: Plain>(socket: BorrowedSocket<'_>, level: i32, name: i32) -> io::Result<T> {
    let mut value = T::default();
    let mut length = size_of::<T>() as i32;
    let place = std::ptr::from_mut(&mut value).cast();
    // SAFETY: `value` is valid for writing as many bytes as stated, and takes every bit pattern.
    checked(unsafe { getsockopt(socket.as_raw_socket() as SOCKET, level, name, place, &mut length) })?;
    Ok(value)
}

/// A switch: on or off.
pub(crate) fn set_switch(socket: BorrowedSocket<'_>, level: i32, name: i32, on: bool) -> io::Result<()> {
    set(socket, level, name, &i32::from(on))
}

/// Keeps a datagram that could not be delivered from failing a receive of the socket that sent it: with WSAECONNRESET
/// where nobody had the port, with WSAENETRESET where its time to live was over. Without this one peer that is gone
/// would end the receives of all others.
///
/// A system that does not know the second never fails a receive for it.
pub(crate) fn ignore_resets(socket: BorrowedSocket<'_>) -> io::Result<()> {
    control(socket, SIO_UDP_CONNRESET, &0u32)?;
    match control(socket, SIO_UDP_NETRESET, &0u32) {
        Err(error) if matches!(error.raw_os_error(), Some(WSAEOPNOTSUPP | WSAEINVAL)) => Ok(()),
        other => other,
    }
}

/// Sends a value with a control code, and takes none back.
pub(crate) fn control<T: Plain>(socket: BorrowedSocket<'_>, code: u32, value: &T) -> io::Result<()> {
    let (socket, value) = (socket.as_raw_socket() as SOCKET, std::ptr::from_ref(value).cast());
    let mut written = 0;
    // SAFETY: `value` is valid for reading as many bytes as stated, and `written` for writing; nothing is asked for,
    // and without an OVERLAPPED the call is over when it returns.
    checked(unsafe {
        WSAIoctl(socket, code, value, size_of::<T>() as u32, null_mut(), 0, &mut written, null_mut(), None)
    })
}

/// What waits to be sent is not among the [`unacknowledged`] bytes.
pub(crate) const TELLS_UNSENT: bool = false;

/// Bytes of a stream that were sent and that its peer's system has not acknowledged (`SIO_TCP_INFO`, from Windows 10,
/// version 1703, on). None where the system does not say.
pub(crate) fn unacknowledged(socket: BorrowedSocket<'_>) -> usize {
    let version = 0u32;
    let mut told = MaybeUninit::<TCP_INFO_v0>::zeroed();
    let (length, mut written) = (size_of::<TCP_INFO_v0>() as u32, 0);
    // SAFETY: `version` is valid for reading, `told` and `written` for writing as many bytes as stated; without an
    // OVERLAPPED the call is over when it returns.
    let result = unsafe {
        WSAIoctl(
            socket.as_raw_socket() as SOCKET,
            SIO_TCP_INFO,
            std::ptr::from_ref(&version).cast(),
            size_of::<u32>() as u32,
            told.as_mut_ptr().cast(),
            length,
            &mut written,
            null_mut(),
            None,
        )
    };
    if result != 0 || written < length {
        return 0;
    }
    // SAFETY: the field is an integer, and was zero before the call wrote all of the structure.
    unsafe { (*told.as_ptr()).BytesInFlight as usize }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::windows::io::AsSocket;
    use windows_sys::Win32::Networking::WinSock::{SO_BROADCAST, SO_TYPE, SOL_SOCKET, WSAENOTSOCK};

    #[test]
    fn a_switch_reads_back() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let read = || get::<i32>(socket.as_socket(), SOL_SOCKET, SO_BROADCAST).unwrap();
        assert_eq!(read(), 0);
        set_switch(socket.as_socket(), SOL_SOCKET, SO_BROADCAST, true).unwrap();
        assert_eq!(read(), 1);
    }

    #[test]
    fn errors_are_those_of_the_system() {
        // SAFETY: the number is never a socket's, and the borrow does not close it.
        let nothing = unsafe { BorrowedSocket::borrow_raw(4) };
        let error = get::<i32>(nothing, SOL_SOCKET, SO_TYPE).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(WSAENOTSOCK));
    }

    #[test]
    fn a_peer_that_is_gone_fails_no_receive() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        ignore_resets(socket.as_socket()).unwrap();
        let gone = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        socket.send_to(b"nobody there", gone).unwrap();
        socket.send_to(b"from itself", socket.local_addr().unwrap()).unwrap();
        let mut bytes = [0; 20];
        assert_eq!(socket.recv(&mut bytes).unwrap(), 11);
    }

    #[test]
    fn all_is_acknowledged_in_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        std::io::Write::write_all(&mut &stream, b"some bytes").unwrap();
        while unacknowledged(stream.as_socket()) > 0 {
            std::thread::yield_now();
        }
    }
}
