//! The suite's own handles: everything a row does goes through them, and here rules are broken.
//!
//! ```text
//!   Scene ─┬─ Pool ───────► BufferPool                       a handle does what the library's does, asks
//!          ├─ Queue ──────► CompletionQueue  ─► Done         `world.breaks("..")` where a rule is kept, and
//!          ├─ Requests ───► RequestQueue                     then swallows a refusal, forgets a notification,
//!          └─ client        (a plain socket)                 hands out the wrong buffer, ...
//! ```
//!
//! So nothing that breaks a rule is in the library, and what is tested is what users get.

#[cfg(target_os = "linux")]
mod adopted;
mod committing;
mod done;
mod notification;
mod on_port;
mod options;
mod pool;
mod posting;
mod queue;
mod requests;
mod scene;
mod served;
mod spoil;
mod spoil_streams;
mod streams;

#[cfg(target_os = "linux")]
pub(crate) use adopted::adopt;
pub(crate) use done::{Done, tokens};
pub(crate) use on_port::{associate, drain, queue_on, wait_many};
pub(crate) use options::{ReceiveAs, SendAs};
pub(crate) use pool::Pool;
pub(crate) use queue::Queue;
pub(crate) use requests::Requests;
pub(crate) use scene::{Scene, bound, limits, plain, private};
pub(crate) use served::{Served, connection};
