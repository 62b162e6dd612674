//! What an error of the system means to a generator.

use std::io;

use nix::errno::Errno;

/// The answer to an earlier datagram was that nobody listens.
pub(crate) fn nobody_listens(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}

/// This machine's own send queue has no room.
pub(crate) fn own_queue_is_full(error: &io::Error) -> bool {
    matches!(errno(error), Errno::ENOBUFS | Errno::EAGAIN | Errno::ENOMEM)
}

/// A datagram does not fit on the way.
pub(crate) fn is_too_large(error: &io::Error) -> bool {
    errno(error) == Errno::EMSGSIZE
}

/// What was refused is sending in segments, not the datagrams.
pub(crate) fn refuses_segments(error: &io::Error) -> bool {
    matches!(
        errno(error),
        Errno::EIO | Errno::EINVAL | Errno::EMSGSIZE | Errno::ENOPROTOOPT | Errno::EOPNOTSUPP
    )
}

/// The connection is being made, which takes its time.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || errno(error) == Errno::EINPROGRESS
}

/// The error in the system's words.
pub(crate) fn describe(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |number| Errno::from_raw(number).desc().into())
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32))
}
