//! All places of a carrier, and which pointers are theirs.
//!
//! ```text
//!   blocks    [ p0 | p1 | p2 | ... ]  [ p16 | p17 | ... ]      never moved, never freed before the carrier goes
//!   idle        receives: p1 p2       sends: p16               by what they are for
//!
//!   packet ─► pointer ─► is it a place of a block? is an operation under way there? has it ended?
//! ```
//!
//! A packet brings a pointer, nothing more. Some packets come for nothing: a call that ended at once may send one as
//! well, and another program part that has the socket may begin operations of its own. So a pointer is looked up before
//! anybody follows it. That is also why a place outlives its socket: a late packet still finds it, idle.

use std::ptr::NonNull;

use windows_sys::Win32::System::IO::OVERLAPPED;

use super::{Place, Role, Spot};

const ROLES: usize = 4;
/// The fewest places of a block.
const FEWEST: usize = 16;

/// See the module.
#[derive(Debug, Default)]
pub(in super::super) struct Arena {
    blocks: Vec<NonNull<[Place]>>,
    idle: [Vec<Spot>; ROLES],
    /// Places of each role.
    places: [usize; ROLES],
}

// SAFETY: an arena is the only owner of its places, which no thread but its own and the kernel reach.
unsafe impl Send for Arena {}

impl Arena {
    /// Takes places out for one side of a socket.
    pub(in super::super) fn take(&mut self, role: Role, count: usize) -> Vec<Spot> {
        let (Some(idle), Some(all)) = (self.idle.get_mut(role as usize), self.places.get_mut(role as usize))
        else {
            return Vec::new();
        };
        if idle.len() < count {
            // Half as many again as there are, so that there are few blocks to look through.
            let places = (count - idle.len()).max(*all / 2).max(FEWEST);
            *all += places;
            let block: Box<[Place]> = (0..places).map(|_| Place::new(role)).collect();
            let block = NonNull::from(Box::leak(block));
            let first = block.cast::<Place>();
            // SAFETY: each is inside the block.
            idle.extend((0..places).map(|place| Spot(unsafe { first.add(place) })));
            self.blocks.push(block);
        }
        idle.split_off(idle.len() - count)
    }

    /// Takes places back that no operation is under way in.
    pub(in super::super) fn put(&mut self, role: Role, spots: impl IntoIterator<Item = Spot>) {
        if let Some(idle) = self.idle.get_mut(role as usize) {
            idle.extend(spots);
        }
    }

    /// The place that this points at, if it is one.
    #[inline]
    pub(in super::super) fn find(&self, overlapped: *mut OVERLAPPED) -> Option<Spot> {
        let address = overlapped.addr();
        for block in &self.blocks {
            let offset = address.wrapping_sub(block.cast::<Place>().addr().get());
            if offset < block.len() * size_of::<Place>() {
                let place = block.cast::<Place>().as_ptr().wrapping_byte_add(offset);
                return NonNull::new(place).map(Spot).filter(|_| offset.is_multiple_of(size_of::<Place>()));
            }
        }
        None
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for block in &self.blocks {
            let places = block.cast::<Place>();
            // SAFETY: each is inside the block, and alive.
            let busy = (0..block.len()).any(|place| unsafe { Spot(places.add(place)).is_busy() });
            if !busy {
                // SAFETY: the block was leaked from such a box, and is made one again once. The kernel writes to none of
                // its places. Where it might, the block stays for good.
                drop(unsafe { Box::from_raw(block.as_ptr()) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn only_places_are_found() {
        let mut arena = Arena::default();
        let spots = [arena.take(Role::Receive, 3), arena.take(Role::Send, 40)].concat();
        for spot in &spots {
            assert_eq!(arena.find(spot.overlapped()), Some(*spot));
            assert_eq!(arena.find(spot.overlapped().wrapping_byte_add(8)), None);
        }
        let mut other = OVERLAPPED::default();
        assert_eq!((arena.find(&mut other), arena.find(ptr::null_mut())), (None, None));
    }

    #[test]
    fn places_are_used_again() {
        let mut arena = Arena::default();
        for _ in 0..100 {
            let spots = arena.take(Role::Accept, 10);
            assert_eq!(spots.len(), 10);
            arena.put(Role::Accept, spots);
        }
        assert_eq!(arena.blocks.len(), 1);
    }

    #[test]
    fn there_are_few_blocks_to_look_through() {
        let mut arena = Arena::default();
        let spots: Vec<_> = (0..20_000).flat_map(|_| arena.take(Role::Stream, 1)).collect();
        assert!(arena.blocks.len() < 20, "{} blocks", arena.blocks.len());
        assert!(spots.iter().all(|spot| arena.find(spot.overlapped()) == Some(*spot)));
        let places: usize = arena.blocks.iter().map(|block| block.len()).sum();
        assert!(places < 30_100, "{places} places");
    }

    #[test]
    fn what_the_kernel_may_write_to_is_never_freed() {
        let mut arena = Arena::default();
        let spot = arena.take(Role::Stream, 1)[0];
        // SAFETY: nobody else knows of the place.
        unsafe { spot.idle() }.busy = true;
        drop(arena);
        // SAFETY: the block was kept for this one.
        assert!(unsafe { spot.is_busy() });
    }
}
