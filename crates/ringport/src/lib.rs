//! Registered I/O and completion ports for Rust servers.

pub mod backend;
pub mod net;
#[cfg(test)]
mod random;

pub use backend::{BackendChoice, BackendKind};
pub use net::UdpSocket;
