//! Socket options, read and written as the plain values they are.

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket};

use windows_sys::Win32::Networking::WinSock::{SOCKET, getsockopt, setsockopt};

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
