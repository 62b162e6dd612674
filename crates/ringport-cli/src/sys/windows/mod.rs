//! Windows, by crates that call its functions, and by the library where no crate does (`ringport::backend::tool`).

pub(crate) mod children;
pub(crate) mod clock;
pub(crate) mod datagrams;
pub(crate) mod descriptors;
pub(crate) mod listener;
pub(crate) mod machine;
pub(crate) mod process;
pub(crate) mod signals;
pub(crate) mod sockets;
pub(crate) mod troubles;
pub(crate) mod watch;

/// What streams have unless another is asked for, and why; None: what datagrams have.
pub(crate) const FOR_STREAMS: Option<&str> = None;

/// The backends of this system, for the help text of the option that forces one.
pub(crate) const BACKENDS: &str =
    "Backend to force: rio or overlapped [default: what this machine allows, or RINGPORT_BACKEND]";
