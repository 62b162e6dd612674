//! The plain designs on a completion port: receives that own a slice each, one datagram an operation.
//!
//! ```text
//!   socket ─► ready ─► a thread that waits on the port receives ─► handler ─► reply: one call
//!                ▲                                                    │
//!                └──────── watched again        the slice is posted again
//! ```
//!
//! They are what a server of I/O completion ports is without registered I/O, and what the others are compared with:
//! a call to wait, a call to receive and a call to watch again for each datagram, or for each batch.

pub(in crate::server) mod hub;
pub(in crate::server) mod station;
