//! What stands below the queues: the mechanisms of the operating system that carry the datagrams.
//!
//! Nothing above this room names io_uring or epoll. A program only ever meets two words of it: the
//! [`BackendChoice`] it asks for and the [`BackendKind`] it got.

mod choice;
pub(crate) mod sys;

pub use choice::{BackendChoice, BackendKind, UnknownBackend};
