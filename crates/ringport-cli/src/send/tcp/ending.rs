//! Why a connection ended, or never came about.

use std::io::{self, ErrorKind};

/// Why there is no connection any more.
#[derive(Debug)]
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
    Failed(io::Error),
}

impl Ending {
    /// Of an error from reading or writing. A write after the other side's reset is told as a broken pipe.
    pub(super) fn of(error: io::Error) -> Ending {
        match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                Ending::Reset
            }
            _ => Ending::Failed(error),
        }
    }
}
