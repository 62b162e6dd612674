//! Making queues over the backend that a server asks for, or over another one where that is free.

use crate::backend::sys::errno;
use crate::backend::{self, BackendChoice, BackendError};
use crate::notice;
use crate::queue::QueueError;

/// Makes queues by `open`. Where the choice of the backend is free and the one that comes first may not have the memory
/// it needs, it is done over the other.
pub(super) fn over<T>(
    choice: BackendChoice,
    open: impl Fn(BackendChoice) -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    open(choice).or_else(|error| {
        if !(lacks_memory(&error) && backend::is_free(choice)) {
            return Err(error);
        }
        let instead = backend::IN_NEED;
        notice::say(&format!("using {}, for {}: {error}", instead.kind, instead.reason));
        open(instead.choice)
    })
}

/// Whether a queue could not be made for lack of memory: since Linux 6.13 the rings of an ordinary user count
/// as locked memory, and what is registered on Windows is locked.
fn lacks_memory(error: &QueueError) -> bool {
    match error {
        QueueError::System { source, .. } | QueueError::Backend(BackendError::System { source, .. }) => {
            source.raw_os_error() == Some(errno::ENOMEM)
        }
        QueueError::LockLimit { .. } => true,
        _ => false,
    }
}
