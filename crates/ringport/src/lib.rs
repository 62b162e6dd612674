//! Registered I/O and completion ports for Rust servers.

pub mod backend;
pub mod memory;
pub mod net;
#[cfg(test)]
mod random;

pub use backend::{BackendChoice, BackendKind};
pub use memory::{Buffer, BufferMut, BufferPool, Chain, ChainMut, HugePages, Lock};
pub use net::UdpSocket;
