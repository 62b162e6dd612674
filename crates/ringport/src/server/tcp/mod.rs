//! TCP servers: a handler for each connection, a framing that makes messages of bytes, and everything between.
//!
//! ```
//! use ringport::TcpServer;
//! use ringport::server::tcp::framing::LengthPrefix;
//!
//! let server = TcpServer::bind("[::1]:0")?.framing(LengthPrefix::four_bytes(1 << 20));
//! # server.handle().stop();
//! server.run(|message| {
//!     let _ = message.echo();
//! })?;
//! # Ok::<(), ringport::server::ServerError>(())
//! ```
//!
//! ```text
//!   kernel ──► slices ──► Assembly ──► Framing says where a message ends ──► Message: a view, never a copy
//!     ▲                                                                        │
//!     └── sends, all of a batch with one call ◄── slices, small replies share one ◄── reply
//! ```
//!
//! [`framing`] cuts the bytes of a stream into messages; [`TcpServer`] says what a connection costs and what a peer
//! cannot do to it. [`Backoff`] tells a client how long to wait before it connects again.

pub(crate) mod assembly;
mod backoff;
mod connection;
mod counters;
mod error;
pub mod framing;
mod launch;
mod options;
mod running;
mod server;
mod serving;
mod shared;
mod wheel;

pub use backoff::Backoff;
pub use connection::{Connection, ConnectionId, Message};
pub(crate) use connection::{Outgoing, Requests};
pub use counters::TcpCounters;
pub use error::SendRefused;
pub use running::{TcpHandle, TcpReport, TcpRunning};
pub use server::{Arrived, TcpServer};
