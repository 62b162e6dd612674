//! What an error of the system means to a generator.

use std::io;

use windows_sys::Win32::Networking::WinSock::{
    WSAEADDRNOTAVAIL, WSAEINVAL, WSAEMSGSIZE, WSAENOBUFS, WSAENOPROTOOPT, WSAEOPNOTSUPP, WSAEWOULDBLOCK,
};

/// The answer to an earlier datagram was that nobody listens, which Windows calls a connection that was reset.
pub(crate) fn nobody_listens(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused)
}

/// This machine's own send queue has no room.
pub(crate) fn own_queue_is_full(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(WSAENOBUFS | WSAEWOULDBLOCK))
}

/// A datagram does not fit on the way.
pub(crate) fn is_too_large(error: &io::Error) -> bool {
    error.raw_os_error() == Some(WSAEMSGSIZE)
}

/// What was refused is sending in segments, not the datagrams.
pub(crate) fn refuses_segments(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(WSAEINVAL | WSAEMSGSIZE | WSAENOPROTOOPT | WSAEOPNOTSUPP))
}

/// The connection is being made, which takes its time.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// The error in the system's words.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.raw_os_error() {
        // It is what one gets that has used up the source ports, and the system's words do not say so.
        Some(WSAEADDRNOTAVAIL) => format!("{error}; there may be no source port left"),
        _ => error.to_string(),
    }
}
