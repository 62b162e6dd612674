//! The places of all operations of a port, which live as long as it.
//!
//! ```text
//!   blocks   [ 0 .. 63 ]  [ 64 .. 191 ]  [ 192 .. ]  ...     each twice as large as the one before, never moved
//!   packet ─► address ─► is it a place of a block?
//! ```
//!
//! A socket of the port may have overlapped calls of others: a copy of it may be anywhere. Their packets come to the port
//! like ours, with addresses that are nobody's here. So an address is looked up before anybody follows it, without a lock.

use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::System::IO::OVERLAPPED;

use super::node::{Node, Place};

/// Places of the first block.
const FIRST: usize = 64;
/// Blocks that there can be: more places than there is memory for.
const BLOCKS: usize = 32;

/// See the module.
pub(in super::super) struct Nodes {
    blocks: [AtomicPtr<Place>; BLOCKS],
    idle: Mutex<Vec<Node>>,
}

impl Nodes {
    pub(in super::super) fn new() -> Nodes {
        Nodes { blocks: [const { AtomicPtr::new(ptr::null_mut()) }; BLOCKS], idle: Mutex::default() }
    }

    /// An idle place.
    pub(super) fn take(&self) -> Node {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = idle.pop() {
            return node;
        }
        let empty = |block: &&AtomicPtr<Place>| block.load(Ordering::Acquire).is_null();
        let unused = self.blocks.iter().zip(0..).find(|(block, _)| empty(block));
        // The last of them would have more places than there are addresses.
        let (length, block) = unused.map_or((1, None), |(block, order)| (FIRST << order, Some(block)));
        let places: Box<[Place]> = (0..length).map(|_| Place::new()).collect();
        let start = NonNull::from(Box::leak(places)).cast::<Place>();
        // SAFETY: each is inside the block.
        idle.extend((1..length).map(|place| Node(unsafe { start.add(place) })));
        if let Some(block) = block {
            block.store(start.as_ptr(), Ordering::Release);
        }
        Node(start)
    }

    /// Takes places back that nobody has.
    pub(super) fn put(&self, nodes: impl IntoIterator<Item = Node>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(nodes);
    }

    /// The place that this points at, if it is one.
    #[inline]
    pub(super) fn find(&self, overlapped: *mut OVERLAPPED) -> Option<Node> {
        for (block, order) in self.blocks.iter().zip(0..) {
            let start = NonNull::new(block.load(Ordering::Acquire))?;
            let offset = overlapped.addr().wrapping_sub(start.addr().get());
            if offset < (FIRST << order) * size_of::<Place>() {
                let place = start.as_ptr().wrapping_byte_add(offset);
                return NonNull::new(place).map(Node).filter(|_| offset.is_multiple_of(size_of::<Place>()));
            }
        }
        None
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        // Each operation under way keeps its slot, and that keeps this: so there is none.
        for (block, order) in self.blocks.iter_mut().zip(0..) {
            let Some(start) = NonNull::new(*block.get_mut()) else { return };
            let places = NonNull::slice_from_raw_parts(start, FIRST << order);
            // SAFETY: the block was leaked from such a box, of this length, and is made one again once.
            drop(unsafe { Box::from_raw(places.as_ptr()) });
        }
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Nodes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_and_nothing_else_is() {
        let nodes = Nodes::new();
        let taken: Vec<Node> = (0..5 * FIRST).map(|_| nodes.take()).collect();
        for node in &taken {
            assert_eq!(nodes.find(node.overlapped()), Some(*node));
            assert_eq!(nodes.find(node.overlapped().wrapping_byte_add(8)), None);
        }
        let mut other = OVERLAPPED::default();
        assert_eq!((nodes.find(&mut other), nodes.find(ptr::null_mut())), (None, None));
        nodes.put(taken.iter().copied());
        assert!((0..5 * FIRST).all(|_| taken.contains(&nodes.take())), "they are used again");
    }

    #[test]
    fn a_packet_for_nothing_takes_nothing() {
        let nodes = Nodes::new();
        let node = nodes.take();
        assert!(!node.claim_ended(), "nothing was begun there");
        // SAFETY: nobody else knows of the place.
        unsafe { node.prepare(0) };
        assert!(node.claim_back(), "the call was done at once");
        assert!(!node.claim_ended(), "its packet comes nevertheless");
        // SAFETY: as above.
        unsafe { node.prepare(0) };
        assert!(!node.claim_ended(), "or later, when the next goes on");
        // SAFETY: as above.
        unsafe { node.settle() };
        assert!(node.claim_ended());
        assert!(!node.claim_ended() && !node.claim_back(), "it was taken");
    }

    #[test]
    fn a_packet_waits_for_a_call_that_has_not_come_back() {
        let nodes = Nodes::new();
        let node = nodes.take();
        // SAFETY: nobody else knows of the place.
        unsafe { node.prepare(0) };
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            node.issuing_while(|| {
                scope.spawn(move || tell.send(node.claim_ended()).unwrap());
                assert!(told.recv_timeout(std::time::Duration::from_millis(20)).is_err());
                // SAFETY: as above.
                unsafe { node.settle() };
            });
            assert!(told.recv().unwrap());
        });
    }
}
