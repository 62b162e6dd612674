//! Stream sockets: connections and listeners, of TCP and of Unix.
//!
//! They are non-blocking from the moment they are made, since queues serve them; bytes are moved by request
//! queues, and so are connections accepted and made. What is here is the socket itself and what can be asked of it.

mod error;
mod listener;
mod options;
mod socket;
#[cfg(unix)]
mod unix;

pub use error::{StreamRefusal, StreamRefused};
pub use listener::{StreamListener, StreamListenerBuilder};
pub use options::KeepAlive;
pub use socket::StreamSocket;

use crate::backend::sys::descriptor::{AsFd, OwnedFd};
use crate::backend::sys::errno;
use crate::backend::sys::kind::{self, Kind};

/// Whether a descriptor is of a stream socket that listens (`true`) or not.
pub(super) fn listens(fd: &OwnedFd) -> Result<bool, StreamRefusal> {
    match kind::kind(fd.as_fd()) {
        Ok(Kind::Stream) => kind::listens(fd.as_fd()).map_err(StreamRefusal::System),
        Ok(_) => Err(StreamRefusal::NotAStream),
        Err(error) if error.raw_os_error() == Some(errno::ENOTSOCK) => Err(StreamRefusal::NotASocket),
        Err(error) => Err(StreamRefusal::System(error)),
    }
}
