//! What is the same on every system, tested once.

pub(super) mod blocking;
mod thread;
