//! What Windows, or this release of it, does not offer.

use std::io;

use windows_sys::Win32::Networking::WinSock::{WSAEINVAL, WSAENOPROTOOPT, WSAEOPNOTSUPP};

use crate::net::SocketError;

/// There is no such thing.
pub(super) fn not_offered(what: &'static str, instead: &'static str) -> SocketError {
    SocketError::NotOffered { what, instead }
}

/// Whether the error of an option says that this release does not have it. Older ones call the value invalid where
/// the protocol has options, but not this one.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(WSAENOPROTOOPT | WSAEOPNOTSUPP | WSAEINVAL))
}

/// For `map_err`: an option that this release may not have.
pub(super) fn missing(
    what: &'static str,
    instead: &'static str,
    operation: &'static str,
) -> impl FnOnce(io::Error) -> SocketError {
    move |source| {
        if is_missing(&source) {
            not_offered(what, instead)
        } else {
            SocketError::System { operation, source }
        }
    }
}

/// The same for a switch, which is off where there is none.
pub(super) fn switched(
    on: bool,
    set: io::Result<()>,
    what: &'static str,
    instead: &'static str,
    operation: &'static str,
) -> Result<(), SocketError> {
    match set {
        Err(error) if !on && is_missing(&error) => Ok(()),
        set => set.map_err(missing(what, instead, operation)),
    }
}
