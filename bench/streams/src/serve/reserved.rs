//! Memory that a server has set aside for its connections, as it says itself. The driver asks for it.

use std::sync::OnceLock;

type Tell = Box<dyn Fn() -> u64 + Send + Sync>;

static TELL: OnceLock<Tell> = OnceLock::new();

/// Bytes are reserved, as `tell` counts them at any time.
pub(super) fn told_by(tell: impl Fn() -> u64 + Send + Sync + 'static) {
    // The first server of a process is its only one.
    let _ = TELL.set(Box::new(tell));
}

/// The answer to the driver: bytes, or none where the server does not reserve.
pub(super) fn answer() -> String {
    TELL.get().map_or("none".to_owned(), |tell| tell().to_string())
}
