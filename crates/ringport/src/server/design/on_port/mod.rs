//! The registered designs on a completion port: any number of threads, one socket, shared queues and memory.
//!
//! ```text
//!   socket ─► pump ─► completion queue ─► port ─┬─► thread 0 ─► handler ─┐
//!               ▲                               ├─► thread 1             │ slices posted again,
//!               │                               └─► thread 2 (sleeps)    │ replies of a batch together
//!               └──────────────── request queue ◄────────────────────────┘
//! ```
//!
//! What all threads share is the [`Hub`](hub::Hub): the port, its queues, the sockets' request queues and one pool.
//! A thread has a desk for each socket, where the slices of its batch come together. When a thread re-arms its
//! queue is the one thing that tells the designs apart, and that is in [`station`].

mod desk;
pub(in crate::server) mod hub;
mod reader;
pub(in crate::server) mod station;
