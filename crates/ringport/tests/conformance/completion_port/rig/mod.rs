//! The handles of this section: a port, its threads, and what is associated with it.
//!
//! ```text
//!   Worker (a thread that does as told) ──► Port ──► CompletionPort ──► Event: posted, an operation's, a queue's
//!   Udp, Files ───────────────────────────────┘                          Finished, Right: taken apart for faults
//! ```

mod event;
mod files;
mod port;
mod queue;
mod spoil;
mod streams;
mod udp;
mod waiting;
#[path = "../../../common/worker.rs"]
#[expect(dead_code, reason = "other tests have threads finish what they do")]
mod worker;

pub(super) use event::{Event, Finished, Outcome};
pub(super) use files::Files;
pub(super) use port::Port;
pub(super) use queue::{KEY, QueueScene, Right, record};
pub(super) use streams::{associate, listener, stream};
pub(super) use udp::Udp;

/// A thread that serves a port of this section.
pub(super) type Worker = worker::Worker<Port>;
