//! What TCP servers and clients are built from.
//!
//! ```text
//!   slices ──► Assembly ──► Framing says where a message ends ──► message: a view, never a copy
//! ```
//!
//! [`framing`] cuts the bytes of a stream into messages. The wheel keeps the deadlines of connections.

#[allow(dead_code, reason = "what holds a connection uses it")]
mod assembly;
pub mod framing;
#[allow(dead_code, reason = "what holds a connection uses it")]
mod wheel;
