//! Which socket a descriptor is of: copies of a descriptor are the same socket.
//!
//! A socket has no number of its own here. Copies (`WSADuplicateSocketW`) are handles of one object of the kernel, which
//! tells of two handles whether they are (`CompareObjectHandles`), and of one whether there are others
//! (`NtQueryObject`). So a socket is known by its handle, and compared with all others only if there is a copy of it.

use std::collections::HashMap;
use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket, RawSocket};
use std::ptr::null_mut;

use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectBasicInformation};
use windows_sys::Win32::Foundation::{CompareObjectHandles, HANDLE};
use windows_sys::Win32::Networking::WinSock::{SO_TYPE, SOL_SOCKET};
use windows_sys::Win32::System::WindowsProgramming::PUBLIC_OBJECT_BASIC_INFORMATION;

use super::option;

/// Names an open socket in this process, as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(RawSocket);

/// Finds it. Each open of a file has no identity of its own, so this is for sockets.
pub(crate) fn identity(socket: BorrowedSocket<'_>) -> io::Result<Identity> {
    // What is no socket has no type either.
    option::get::<i32>(socket, SOL_SOCKET, SO_TYPE)?;
    Ok(Identity(socket.as_raw_socket()))
}

impl Identity {
    /// Whether `is` says so of anything that is known of this socket, or of a copy of it.
    pub(crate) fn any<T>(self, known: &HashMap<Identity, T>, is: impl Fn(&T) -> bool) -> bool {
        if known.get(&self).is_some_and(&is) {
            return true;
        }
        !known.is_empty()
            && self.may_have_copies()
            && known.iter().any(|(other, there)| is(there) && self.is_copy_of(*other))
    }

    fn may_have_copies(self) -> bool {
        let mut told = PUBLIC_OBJECT_BASIC_INFORMATION::default();
        let length = size_of_val(&told) as u32;
        // SAFETY: `told` is valid for writing as many bytes as stated, and the socket is open.
        let status = unsafe {
            NtQueryObject(
                self.0 as HANDLE,
                ObjectBasicInformation,
                (&raw mut told).cast(),
                length,
                null_mut(),
            )
        };
        status < 0 || told.HandleCount != 1
    }

    fn is_copy_of(self, other: Identity) -> bool {
        // SAFETY: the call takes two numbers, and says of one that is no handle that it is no copy.
        unsafe { CompareObjectHandles(self.0 as HANDLE, other.0 as HANDLE) != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::windows::io::AsSocket;

    #[test]
    fn a_copy_is_the_same_socket_and_another_is_not() {
        let [socket, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let identity = |socket: &UdpSocket| identity(socket.as_socket()).unwrap();
        let mut known = HashMap::from([(identity(&socket), 1)]);
        assert!(identity(&socket).any(&known, |there| *there == 1));
        assert!(!identity(&socket).any(&known, |there| *there == 2));
        let copy = socket.try_clone().unwrap();
        assert!(identity(&copy).any(&known, |_| true) && identity(&copy).may_have_copies());
        assert!(!identity(&other).any(&known, |_| true));
        known.insert(identity(&copy), 2);
        assert!(identity(&socket).any(&known, |there| *there == 2), "what is known of another copy counts");
    }

    #[test]
    fn what_is_no_socket_has_none() {
        // SAFETY: the number is never a socket's, and the borrow does not close it.
        let nothing = unsafe { BorrowedSocket::borrow_raw(4) };
        assert!(identity(nothing).is_err());
    }
}
