//! Receives on their way from the threads that post them to the pump.

use crate::memory::{BufferMut, BufferPool, ChainMut};
use crate::queue::options::Receive;

/// A receive on its way to the pump.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) id: u32,
    pub(super) options: Receive,
    pub(super) token: u64,
    pub(super) into: Into,
}

/// What a receive is to fill.
#[derive(Debug)]
pub(crate) enum Into {
    Slice(BufferMut),
    Chain(ChainMut),
    /// A slice of this pool, as soon as it has one.
    Pool(BufferPool),
    /// A slice of this pool, once there are bytes for it: of a connection.
    Pooled(BufferPool),
    /// No memory: an accept.
    Nothing,
}
