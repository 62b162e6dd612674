//! The error numbers that the crate knows, by the names that shared code has for them.
//!
//! Each is the number that Windows gives where Linux gives the one of that name, so that
//! [`std::io::Error::from_raw_os_error`] tells of it. Where Windows has no such error, the number is one that it never
//! gives.

use windows_sys::Win32::Foundation::{ERROR_IO_DEVICE, ERROR_NOT_ENOUGH_MEMORY, ERROR_OPERATION_ABORTED};
use windows_sys::Win32::Networking::WinSock::{
    WSAEACCES, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT, WSAECONNREFUSED, WSAECONNRESET,
    WSAEHOSTDOWN, WSAEHOSTUNREACH, WSAEINTR, WSAEINVAL, WSAEMSGSIZE, WSAENETDOWN, WSAENETRESET,
    WSAENETUNREACH, WSAENOBUFS, WSAENOPROTOOPT, WSAENOTSOCK, WSAEOPNOTSUPP, WSAETIMEDOUT, WSAEWOULDBLOCK,
};

pub(crate) const EACCES: i32 = WSAEACCES;
pub(crate) const EADDRINUSE: i32 = WSAEADDRINUSE;
pub(crate) const EADDRNOTAVAIL: i32 = WSAEADDRNOTAVAIL;
pub(crate) const EAFNOSUPPORT: i32 = WSAEAFNOSUPPORT;
pub(crate) const EAGAIN: i32 = WSAEWOULDBLOCK;
#[cfg(test)]
pub(crate) const EBADFD: i32 = windows_sys::Win32::Foundation::ERROR_INVALID_HANDLE as i32;
pub(crate) const ECANCELED: i32 = ERROR_OPERATION_ABORTED as i32;
/// An ICMP message about an earlier datagram: Windows says that the connection was reset.
pub(crate) const ECONNRESET: i32 = WSAECONNRESET;
pub(crate) const ECONNREFUSED: i32 = WSAECONNREFUSED;
pub(crate) const EHOSTDOWN: i32 = WSAEHOSTDOWN;
pub(crate) const EHOSTUNREACH: i32 = WSAEHOSTUNREACH;
pub(crate) const EINTR: i32 = WSAEINTR;
pub(crate) const EINVAL: i32 = WSAEINVAL;
pub(crate) const EIO: i32 = ERROR_IO_DEVICE as i32;
pub(crate) const EMSGSIZE: i32 = WSAEMSGSIZE;
pub(crate) const ENETDOWN: i32 = WSAENETDOWN;
/// The time to live of an earlier datagram was over.
pub(crate) const ENETRESET: i32 = WSAENETRESET;
pub(crate) const ENETUNREACH: i32 = WSAENETUNREACH;
pub(crate) const ENOBUFS: i32 = WSAENOBUFS;
pub(crate) const ENOMEM: i32 = ERROR_NOT_ENOUGH_MEMORY as i32;
pub(crate) const ENOPROTOOPT: i32 = WSAENOPROTOOPT;
pub(crate) const ENOTSOCK: i32 = WSAENOTSOCK;
pub(crate) const EOPNOTSUPP: i32 = WSAEOPNOTSUPP;
#[cfg(test)]
pub(crate) const EPERM: i32 = windows_sys::Win32::Foundation::ERROR_ACCESS_DENIED as i32;
pub(crate) const ETIMEDOUT: i32 = WSAETIMEDOUT;
