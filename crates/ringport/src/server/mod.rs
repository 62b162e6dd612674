//! Servers: a handler, a design, and everything between a socket and the handler. For datagrams here, for connections
//! in [`tcp`].
//!
//! ```
//! use ringport::UdpServer;
//!
//! let server = UdpServer::bind("[::1]:0")?;
//! # server.handle().stop();
//! server.run(|datagram| datagram.reply())?;
//! # Ok::<(), ringport::server::ServerError>(())
//! ```
//!
//! A datagram's way through a server of a registered design; it is never copied in user space:
//!
//! ```text
//!   network ─► socket (receive buffer, dropped_by_socket)
//!                │  the kernel fills the slice that was posted first
//!                ▼
//!   ┌────────► slice ──► completion ──► batch ──► Datagram ──► your handler
//!   │            ▲                                               │
//!   │ posted     │ posted again: a store to memory               ├─ nothing, let go
//!   │ again      └───────────────────────────────────────────────┤
//!   │                                                            ├─ keep() ──► yours, until you drop it
//!   │        all replies of a batch, one system call             │
//!   └─────── sent ◄────────────────────────────────── reply() ◄──┘
//! ```
//!
//! No allocation stands in that way. In the designs of one thread a socket, threads share nothing: each has its queues,
//! its memory and its figures, so there is no lock either. In the designs on a [completion port](crate::CompletionPort)
//! threads share the socket and the memory, and take turns: one drains the queue at a time, and as many handle as there
//! are processors. Which [`Design`] is best depends on the load; the designs are one word apart.
//!
//! The server stops when a handler, a [`ServerHandle`] or a signal says so: the socket takes no more, what it
//! holds is handled, what was promised is sent, and [`Report`] tells what happened.

mod addresses;
mod board;
mod counters;
mod datagram;
mod delivery;
mod design;
mod error;
mod gate;
mod handle;
mod launch;
mod local_address;
mod memory;
mod metadata;
mod options;
mod outlet;
mod port_options;
mod report;
mod running;
mod sender;
mod shared;
mod signals;
mod sockets;
mod stop;
mod supervisor;
pub mod tcp;
mod thread;
mod udp;
mod waits;

pub use counters::{Counters, PushCounters, QueueCounters, Results, ThreadCounters};
pub use datagram::Datagram;
pub use design::{Design, UnknownDesign};
pub use error::{SendError, ServerError};
pub use handle::ServerHandle;
pub use local_address::LocalAddress;
pub use report::Report;
pub use running::Running;
pub use sender::{SendManyError, Sender};
pub use stop::StopReason;
pub use udp::UdpServer;
