//! What is the same on every system, tested once.

mod blocking;
mod thread;
