//! What TCP servers and clients are built from.
//!
//! ```text
//!   slices ──► Assembly ──► Framing says where a message ends ──► message: a view, never a copy
//! ```
//!
//! [`framing`] cuts the bytes of a stream into messages.

#[allow(dead_code, reason = "what holds a connection uses it")]
mod assembly;
pub mod framing;
