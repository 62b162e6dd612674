//! The two buffers of a socket: their options and the settings that limit them.

use std::fs;
use std::io;

use crate::backend::sys::descriptor::BorrowedFd;
use crate::backend::sys::option;

/// One of the two buffers.
pub(in crate::net) struct Which {
    pub(in crate::net) name: &'static str,
    /// What limits it.
    pub(in crate::net) limit: &'static str,
    option: i32,
    /// The option that passes the limit, for those with CAP_NET_ADMIN.
    force: i32,
    limit_file: &'static str,
}

pub(in crate::net) const RECEIVE: Which = Which {
    name: "receive",
    option: libc::SO_RCVBUF,
    force: libc::SO_RCVBUFFORCE,
    limit: "net.core.rmem_max",
    limit_file: "/proc/sys/net/core/rmem_max",
};
pub(in crate::net) const SEND: Which = Which {
    name: "send",
    option: libc::SO_SNDBUF,
    force: libc::SO_SNDBUFFORCE,
    limit: "net.core.wmem_max",
    limit_file: "/proc/sys/net/core/wmem_max",
};

/// Asks for so many bytes.
pub(in crate::net) fn ask(socket: BorrowedFd<'_>, which: &Which, bytes: i32) -> io::Result<()> {
    option::set(socket, libc::SOL_SOCKET, which.option, &bytes)
}

/// Asks for more than the limit: refused to those without the privilege.
pub(in crate::net) fn insist(socket: BorrowedFd<'_>, which: &Which, bytes: i32) -> io::Result<()> {
    option::set(socket, libc::SOL_SOCKET, which.force, &bytes)
}

/// The bytes that were granted: the kernel books twice as many.
pub(in crate::net) fn granted(socket: BorrowedFd<'_>, which: &Which) -> io::Result<usize> {
    let booked: i32 = option::get(socket, libc::SOL_SOCKET, which.option)?;
    Ok(usize::try_from(booked).unwrap_or(0) / 2)
}

/// The most that everybody is granted.
pub(in crate::net) fn limit(which: &Which) -> Option<usize> {
    fs::read_to_string(which.limit_file).ok()?.trim().parse().ok()
}
