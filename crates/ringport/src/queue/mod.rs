//! Request queues and completion queues: the model of Registered I/O.
//!
//! ```text
//!                    receives, sends (bounded: Limits)
//!   RequestQueue ────────────────────────────────────────► backend ─► kernel
//!    one a socket                                             │
//!                                                             ▼
//!   your thread ◄── dequeue, a batch at a time ── CompletionQueue (bounded: its size)
//!         │                                          ▲
//!         └── notify, then wait ─────────────────────┘ one notification each time it is armed
//! ```
//!
//! A request queue reserves its limits in the completion queues it completes to, so a completion always has
//! a place and no queue can overflow. A request that was accepted completes exactly once; one that was
//! refused hands its buffer back in [`Refused`].
//!
//! There are three kinds of completion queues, three types with only what each can do: polled ([`Polled`]), with an
//! event ([`Event`]), and on a completion port ([`PortQueue`]).
//!
//! A polled or event queue and its request queues belong to the thread that made them: they are not `Send`, so
//! the classic fault of posting from two threads at once does not compile. What other threads may do goes
//! through a [`Committer`] or a [`Waker`].
//!
//! A queue on a port moves between the threads of that [port](crate::CompletionPort). Whoever takes its packet gets
//! [`Ready`], the exclusive right to drain it, and its [`PortRequestQueue`]s may be posted to from any thread.
//!
//! ```compile_fail
//! # use ringport::CompletionQueue;
//! let queue = CompletionQueue::builder(16).polled().unwrap();
//! std::thread::spawn(move || drop(queue)); // a queue stays on its thread
//! ```

mod buffers;
mod builder;
mod by_type;
mod claiming;
mod closing;
mod committer;
mod completion;
mod completion_queue;
mod completions;
mod core;
mod error;
mod gathering;
mod inspection;
mod limits;
mod metadata;
mod notification;
mod on_port;
mod options;
mod posting;
mod request_queue;
mod resize;
mod segments;
mod signals;
mod starving;
mod streams;
mod taking;
mod waiting;

pub use crate::backend::contract::{Completion, Operation, RequestCounters, Status};
pub use buffers::{ReceiveBuffer, SendBuffer};
pub use builder::CompletionQueueBuilder;
pub use committer::Committer;
pub use completion::{CompletedBuffer, OperationError};
pub use completion_queue::{AsQueue, CompletionQueue, Event, Notification, Polled};
pub use completions::Completions;
pub use error::{AlreadyArmed, PostError, QueueError, Refused, WaitError};
pub use limits::{Limits, Outstanding};
pub use notification::WaitOutcome;
#[cfg(windows)]
pub(crate) use on_port::Drainer;
#[cfg(windows)]
pub(crate) use on_port::Station;
pub(crate) use on_port::{Deliver, Holder, Target};
pub use on_port::{HeldRight, InOrder, Notifier, PortQueue, PortRequestQueue, Ready};
pub use options::{Receive, Send};
pub use request_queue::RequestQueue;
pub use segments::Segments;
pub use signals::Waker;
pub use waiting::{UnknownWaiting, Waiting};
