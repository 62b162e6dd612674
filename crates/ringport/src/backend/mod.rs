//! What stands below the queues: the mechanisms of the operating system that carry the datagrams.
//!
//! Nothing above this room names io_uring or epoll. A program only ever meets two words of it: the
//! [`BackendChoice`] it asks for and the [`BackendKind`] it got.

mod choice;
pub(crate) mod contract;
pub(crate) mod datagram;
mod epoll;
mod open;
pub(crate) mod plain;
pub(crate) mod stream;
pub(crate) mod sys;
mod transfer;
mod turns;
mod uring;

pub(crate) use datagram::is_unreachable;
pub use open::{BackendError, Explanation, FeatureReport, explain, features};
pub(crate) use open::{for_streams, is_free, open, shared_slices};
pub(crate) use sys::address::decode as decode_address;
pub(crate) use sys::clock::{now, thread_time};
pub(crate) use sys::event::EventDescriptor;

pub(crate) use turns::Turns;

pub use choice::{BackendChoice, BackendKind, UnknownBackend};
