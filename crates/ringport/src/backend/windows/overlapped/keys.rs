//! What the key of a packet says.

/// An operation ended: the packet names its place.
pub(super) const OPERATION: usize = 0;
/// Somebody wants the queue's thread to wake up.
pub(super) const WAKE: usize = 1;
/// For the thread that watches for a program's own poll loop.
pub(super) const STOP: usize = 2;
/// The keys from here on are a carrier's own, if it has packets beside those of operations.
pub(in crate::backend::windows) const OTHERS: usize = 16;

const LOOK: usize = 1 << 32;

/// An operation of this socket may have ended.
pub(super) fn look(key: u32) -> usize {
    LOOK | key as usize
}

/// Which socket is to be looked at, if one is.
pub(super) fn looked_at(key: usize) -> Option<u32> {
    (key & LOOK != 0).then_some(key as u32)
}
