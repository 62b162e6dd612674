//! Registered I/O and completion ports for Rust servers.

pub mod backend;
pub mod memory;
pub mod net;
pub mod notice;
pub mod queue;
#[cfg(test)]
mod random;
pub mod server;

pub use backend::{BackendChoice, BackendKind};
pub use memory::{Buffer, BufferMut, BufferPool, Chain, ChainMut, HugePages, Lock, PoolFamily};
pub use net::UdpSocket;
pub use queue::{
    Committer, Completion, CompletionQueue, Completions, Limits, Operation, QueueError, Receive, Refused,
    RequestQueue, Send, Status, WaitOutcome, Waker,
};
pub use server::{Datagram, Design, UdpServer};
