//! Completion queues on a completion port: many threads, one at a time.
//!
//! ```text
//!    any thread              the pump, a thread of the queue's own               a thread of the port
//!
//!   receive ──► posts ──────► table ──► backend (ring or epoll) ──► kernel
//!                                               │ completions
//!                                               ▼
//!                                           completed ─────────────────────────► Ready::dequeue
//!                                               ▲  │ the first one wakes:
//!   send ──► outbox ──► sendmmsg, at once ──────┘  └──► berth ──► packet ──► port ──► Ready
//!                                                        ▲                             │
//!                                                        └──────────── notify ◄────────┘
//! ```
//!
//! A ring of io_uring belongs to one thread for good, and a thread of a port may block, spin or end. So an
//! internal thread, the pump, owns the ring (Registered I/O of Windows needs none: see [`drive`]); it moves completions to a queue in memory, from which one thread of
//! the port at a time takes them. The right to take them is a value, [`Ready`]. While nobody has it, the queue is
//! armed, and the right lies in the *berth*: whoever puts a completion into the queue takes it out of there, looks,
//! and sends it to the port as a packet, or puts it back. To re-arm is to look, to put it there, and to look once
//! more whether a completion came in between. The right cannot be in two places, so no two threads dequeue at a
//! time; and as all change the berth in one atomic step, no completion is left without its packet.
//!
//! What threads of the program ask for reaches the pump through memory, too. Posting a receive makes no system
//! call, unless the pump sleeps with few receives left. A send goes to the socket directly, from the thread that
//! posts it, and so is never delayed by a pump that gathers.

mod armed;
mod batches;
mod books;
mod command;
mod drive;
mod end;
mod full;
mod in_order;
mod inbox;
mod notifier;
mod outbox;
mod packet;
mod port_queue;
mod post;
mod posting;
mod pump;
mod quota;
mod ready;
mod relay;
mod requests;
mod resize;
mod shared;
mod streams;
mod turnstile;
mod wish;

#[cfg(windows)]
pub(crate) use drive::Station;
pub use in_order::InOrder;
pub(crate) use notifier::sealed::Target;
pub(crate) use notifier::{Deliver, Holder};
pub use notifier::{HeldRight, Notifier};
pub use port_queue::PortQueue;
pub(crate) use post::Into;
#[cfg(windows)]
pub(crate) use ready::Drainer;
pub use ready::Ready;
pub use requests::PortRequestQueue;
