//! What bytes do to the requests of a connection, and what a listener's connections do to its accepts.
//!
//! ```text
//!   posted receives   [ r0 ▓▓▓▓░░ ][ r1 ░░░░ ][ r2: a slice of the pool ]    filled: how much of r0 is there
//!   posted sends      [ s0 ░░▓▓▓▓ ][ s1 ▓▓▓▓ ][ s2: finish ]                 sent: how much of s0 has left
//! ```
//!
//! Bytes fill the receives and leave the sends in post order, whoever has moved them. So what a request means is in one
//! place, for every backend of every system.

mod received;
mod sent;

#[cfg(target_os = "linux")]
pub(crate) use received::complete;
pub(crate) use received::{accepted, end, failed, give_back, hand_out, refused};
pub(crate) use sent::{advance, complete_send};
