//! The two buffers of a socket: their options. No setting limits them.

use std::io;
use std::os::windows::io::BorrowedSocket;

use windows_sys::Win32::Networking::WinSock::{SO_RCVBUF, SO_SNDBUF, SOL_SOCKET};

use crate::backend::sys::option;

/// One of the two buffers.
pub(in crate::net) struct Which {
    pub(in crate::net) name: &'static str,
    /// What limits it.
    pub(in crate::net) limit: &'static str,
    option: i32,
}

const MEMORY: &str = "the memory of the machine";
pub(in crate::net) const RECEIVE: Which = Which { name: "receive", option: SO_RCVBUF, limit: MEMORY };
pub(in crate::net) const SEND: Which = Which { name: "send", option: SO_SNDBUF, limit: MEMORY };

/// Asks for so many bytes.
pub(in crate::net) fn ask(socket: BorrowedSocket<'_>, which: &Which, bytes: i32) -> io::Result<()> {
    option::set(socket, SOL_SOCKET, which.option, &bytes)
}

/// There is no privilege that gives more.
pub(in crate::net) fn insist(_: BorrowedSocket<'_>, _: &Which, _: i32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The bytes that were granted.
pub(in crate::net) fn granted(socket: BorrowedSocket<'_>, which: &Which) -> io::Result<usize> {
    let granted: i32 = option::get(socket, SOL_SOCKET, which.option)?;
    Ok(usize::try_from(granted).unwrap_or(0))
}

/// No setting says how much everybody is granted.
pub(in crate::net) fn limit(_: &Which) -> Option<usize> {
    None
}
