//! Why a connection ended, or never came about.

use std::io;

use nix::errno::Errno;

/// Why there is no connection any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The other side reset it.
    Reset,
    /// The other side closed it in order, while we had use for it.
    Closed,
    /// Nothing moved on it for the time-out.
    Silent,
    /// It brought more than was sent.
    Excess,
    /// Anything else that the system had against it.
    Failed(Errno),
}

impl Ending {
    /// Of an error from reading or writing. A write after the other side's reset is told as a broken pipe.
    pub(super) fn of(error: &io::Error) -> Ending {
        match errno(error) {
            Errno::ECONNRESET | Errno::EPIPE | Errno::ECONNABORTED => Ending::Reset,
            other => Ending::Failed(other),
        }
    }
}

/// The system's number of an error.
pub(super) fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32))
}
