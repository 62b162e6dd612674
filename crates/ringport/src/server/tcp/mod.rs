//! What TCP servers and clients are built from.
//!
//! ```text
//!   slices ──► Assembly ──► Framing says where a message ends ──► message: a view, never a copy
//! ```
//!
//! [`framing`] cuts the bytes of a stream into messages. The wheel keeps the deadlines of connections. [`Backoff`]
//! tells a client how long to wait before it connects again.

#[allow(dead_code, reason = "what holds a connection uses it")]
mod assembly;
mod backoff;
pub mod framing;
#[allow(dead_code, reason = "what holds a connection uses it")]
mod wheel;

pub use backoff::Backoff;
