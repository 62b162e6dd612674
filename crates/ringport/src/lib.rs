//! Registered I/O and completion ports for Rust servers.
