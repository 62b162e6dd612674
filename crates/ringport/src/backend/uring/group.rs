//! Slices that many connections share: one provided-buffer ring for all that receive from the same pool.
//!
//! ```text
//!   pool ──► [ s0  s1  s2 ... ]  64 at most, whatever the number of connections
//!               ▲ a receive in the kernel takes the oldest when bytes are there, and another follows from the pool
//! ```
//!
//! Few slices, given back soon, stay in the processor's caches; and an idle connection has none of its own.

use std::io;

use super::buffer_ring::BufferRing;
use super::kernel::Kernel;
use super::probe::Features;
use crate::memory::{BufferMut, BufferPool, Reservation, Use};

/// The slices of a group.
pub(crate) const SLICES: u32 = 64;
/// A pool with fewer slices than so many times that has none to spare for a group.
const SHARE: usize = 8;
/// Groups on one ring; the pools after them go by calls. Their ids are the last ones.
pub(super) const MOST_GROUPS: u16 = 16;

/// All groups of a ring, and what else of streams this kernel does by itself.
#[derive(Debug)]
pub(super) struct Groups {
    /// Accepts that stay armed.
    pub(super) accepts: bool,
    /// Receives that take their slice from a group.
    selects: bool,
    /// Receives that take several.
    pub(super) bundles: bool,
    groups: Vec<Option<Group>>,
}

impl Groups {
    pub(super) fn new(features: &Features) -> Groups {
        let Features { accepts, selects, bundles, .. } = *features;
        Groups { accepts, selects, bundles, groups: Vec::new() }
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Group> {
        self.groups.get_mut(index)?.as_mut()
    }

    /// Enters a socket into the group of its pool, which is made if it has to be; `None` where there can be none.
    pub(super) fn join(&mut self, kernel: &mut Kernel, pool: &BufferPool) -> Option<usize> {
        if !self.selects {
            return None;
        }
        let of_pool = |group: &Option<Group>| group.as_ref().is_some_and(|group| group.is_of(pool));
        let index = match self.groups.iter().position(of_pool) {
            Some(index) => index,
            None => self.open(kernel, pool)?,
        };
        self.get_mut(index)?.users += 1;
        Some(index)
    }

    fn open(&mut self, kernel: &mut Kernel, pool: &BufferPool) -> Option<usize> {
        if pool.figures().slices < SLICES as usize * SHARE {
            return None;
        }
        let free = self.groups.iter().position(Option::is_none).unwrap_or(self.groups.len());
        if free >= MOST_GROUPS.into() {
            return None;
        }
        // Without memory for it, or where all is reserved, it goes by calls.
        let group = Group::open(kernel, u16::MAX - free as u16, pool).ok()?;
        match self.groups.get_mut(free) {
            Some(place) => *place = Some(group),
            None => self.groups.push(Some(group)),
        }
        Some(free)
    }

    /// A socket, of which nothing is in the kernel any more, leaves; the last one takes the group along.
    pub(super) fn leave(&mut self, kernel: &mut Kernel, index: usize) {
        let Some(group) = self.get_mut(index) else { return };
        group.users = group.users.saturating_sub(1);
        if group.users == 0
            && let Some(group) = self.groups.get_mut(index).and_then(Option::take)
        {
            group.close(kernel);
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: u16,
    pool: BufferPool,
    /// What it may hold, so that those who reserve slices of the pool find theirs.
    reserved: Reservation,
    /// Taken when it is dropped.
    ring: Option<BufferRing>,
    /// By entry of the ring.
    slices: Vec<Option<BufferMut>>,
    /// Sockets that receive from it.
    users: usize,
    /// Receives in the kernel that may take from it.
    pub(super) armed: usize,
}

impl Group {
    fn open(kernel: &mut Kernel, id: u16, pool: &BufferPool) -> io::Result<Group> {
        let reserved = pool.reserve(SLICES as usize).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let ring = BufferRing::new(SLICES)?;
        kernel.count_call();
        // SAFETY: the ring's memory stays mapped until it is unregistered in `close`, or the ring of requests is
        // gone; it is leaked where neither is sure.
        unsafe {
            let submitter = kernel.ring().submitter();
            submitter.register_buf_ring_with_flags(ring.address(), ring.count() as u16, id, 0)?;
        }
        let slices = (0..ring.count()).map(|_| None).collect();
        let mut group =
            Group { id, pool: pool.clone(), reserved, ring: Some(ring), slices, users: 0, armed: 0 };
        group.top_up();
        Ok(group)
    }

    fn close(mut self, kernel: &mut Kernel) {
        kernel.count_call();
        if kernel.ring().submitter().unregister_buf_ring(self.id).is_err() {
            // It may still be used: so its memory, and that of the slices, is kept.
            self.armed += 1;
        }
    }

    /// Whether its slices are of this pool.
    pub(super) fn is_of(&self, pool: &BufferPool) -> bool {
        self.pool.is(pool)
    }

    /// The size of each slice.
    pub(super) fn slice_size(&self) -> usize {
        self.pool.slice_size()
    }

    /// How many slices the kernel has to take.
    pub(super) fn published(&self) -> usize {
        self.ring.as_ref().map_or(0, |ring| ring.published() as usize)
    }

    /// Takes slices from the pool until it is full, or the pool is dry.
    pub(super) fn top_up(&mut self) {
        let Some(ring) = self.ring.as_mut() else { return };
        let before = ring.published();
        while ring.published() < ring.count() {
            let Ok(buffer) = self.reserved.take() else { break };
            buffer.set_use(Use::Receiving);
            let entry = ring.next_entry();
            ring.write(buffer.payload_ptr(), buffer.capacity() as u32);
            if let Some(place) = self.slices.get_mut(entry) {
                *place = Some(buffer);
            }
        }
        if ring.published() != before {
            ring.store_tail();
        }
    }

    /// The slice that the kernel filled `step` entries after `first`: those of one receive follow each other.
    pub(super) fn take(&mut self, first: u16, step: usize) -> Option<BufferMut> {
        let ring = self.ring.as_mut()?;
        ring.consumed();
        let entry = (usize::from(first) + step) % ring.count() as usize;
        let slice = self.slices.get_mut(entry)?.take();
        // From now on it counts for the connection.
        self.reserved.returned(1);
        slice
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.armed > 0 {
            // The kernel may still write to them.
            std::mem::forget(std::mem::take(&mut self.slices));
            if let Some(ring) = self.ring.take() {
                ring.leak();
            }
        }
    }
}
