//! Completion ports: one queue of packets, any number of threads, and only so many of them running.
//!
//! ```text
//!   post(key, value) ──────────────┐
//!   files and sockets, completed ──┤      packets: first in, first out
//!   completion queues, notified ───┴──►  [ p0 p1 p2 ... ] ──► wait ──► at most N threads run
//!                                                              ▲
//!                          threads: the freshest is woken first └── the others sleep
//! ```
//!
//! It is the completion port of Windows (`CreateIoCompletionPort`, `GetQueuedCompletionStatus`,
//! `PostQueuedCompletionStatus`). What makes it more than a queue is that it decides how many of its threads run
//! at once, and which. The limit counts threads that run. One that declares that it blocks
//! ([`CompletionPort::blocking`]), or is found asleep by the port's monitor, lets another go on in its place.
//!
//! A thread belongs to a port from its first wait until it ends or waits on another port.
//!
//! On Windows a port is the system's own, with what it does by itself: the limit, the order of packets and of threads,
//! noticing who blocks. On Linux all of it is here.

mod builder;
mod counters;
mod error;
#[cfg(target_os = "linux")]
mod linux;
mod membership;
mod monitor;
mod operation;
mod packet;
#[expect(clippy::module_inception, reason = "the port is what the room is named after")]
mod port;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

pub use builder::CompletionPortBuilder;
pub use counters::PortCounters;
pub use error::{PacketRefused, PortError, PortWaitError};
pub use monitor::{Monitor, MonitorState};
pub use operation::{
    CancelError, Done, LimitError, NotStarted, OperationBuffer, OperationFailure, OperationId, OperationKind,
    PortFile, PortTcpListener, PortTcpStream, PortUdpSocket, ReadBuffer, StartError, Started, WriteBuffer,
};
pub use packet::{Packet, Packets};
pub use port::CompletionPort;
