//! Where the right to drain a queue lies while nobody has it, and how it becomes a packet.
//!
//! ```text
//!   whoever completes   fill ──► take the right, if it lies there ──► look
//!                                                                      │ nothing asks for a packet
//!   whoever re-arms     look ──► put the right down ──► filled meanwhile? take it back, and look
//! ```
//!
//! Both sides do the same: they look, and put the right down. So it does not matter who completes what, and when:
//! a completion that asks for no packet may still have to look for one that does, because that one may lie behind
//! it, seen by nobody before the gap was filled.

use crate::memory::{Berth, Reader, Ring};

/// The right: the reading end, and whatever goes with it.
pub(crate) trait Right {
    /// What is in the queue.
    type Value;

    /// The reading end.
    fn reader(&mut self) -> &mut Reader<Self::Value>;

    /// Whether this value asks for a packet.
    fn asks(value: &Self::Value) -> bool;
}

/// Puts the right down, unless a value asks for a packet, or `over` says that nobody is to wait any more: then it
/// is handed back.
pub(crate) fn arm<R: Right>(
    berth: &Berth<R>,
    ring: &Ring<R::Value>,
    over: impl Fn() -> bool,
    mut right: Box<R>,
) -> Option<Box<R>> {
    loop {
        let (asked, end) = right.reader().find(R::asks);
        if asked || over() {
            return Some(right);
        }
        let left = berth.put(right);
        debug_assert!(left.is_none(), "there is one right");
        // Whoever filled a place before this line may have found the berth empty.
        if !ring.is_filled(end) && !over() {
            return None;
        }
        right = berth.take()?;
    }
}

/// After values were filled, whatever they are, and after `over` changed: hands out the right, if it lies there
/// and is wanted.
#[inline]
pub(crate) fn fire<R: Right>(
    berth: &Berth<R>,
    ring: &Ring<R::Value>,
    over: impl Fn() -> bool,
) -> Option<Box<R>> {
    arm(berth, ring, over, berth.take()?)
}
