//! The registered memory of a thread, or of all threads of a server where they share it.
//!
//! ```text
//!   without receive offload   [ slice_size ]             to receive into, and for copies
//!   with it                   [ slice_size ] [ 65,536 ]  for copies; to receive runs of datagrams into
//! ```

use super::error::ServerError;
use super::options::Options;
use crate::memory::{BufferPool, LockRefusal, LockState};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    /// Slices to receive into.
    pub(super) receives: BufferPool,
    /// Slices of the stated size: the same pool, or a smaller one beside it.
    pub(super) copies: BufferPool,
    /// Whether they are two.
    has_both: bool,
}

/// What there is of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) locked: usize,
    pub(super) registered: usize,
    pub(super) lock_state: Option<LockState>,
    /// Slices to receive into that are neither free nor posted: in handlers' hands, kept by them, or on their way out.
    pub(super) held: usize,
}

impl Memory {
    /// Memory for so many receives; `thread` is told where there is none.
    pub(super) fn open(options: &Options, receives: usize, thread: usize) -> Result<Memory, ServerError> {
        let family = options.memory(receives).map_err(|source| ServerError::Memory { thread, source })?;
        // A family has at least one pool.
        let (Some(first), Some(last)) = (family.pools().first(), family.pools().last()) else {
            return Err(ServerError::Ended);
        };
        let (receives, copies, has_both) = (last.clone(), first.clone(), family.pools().len() > 1);
        Ok(Memory { receives, copies, has_both })
    }

    fn pools(&self) -> impl Iterator<Item = &BufferPool> {
        std::iter::once(&self.receives).chain(self.has_both.then_some(&self.copies))
    }

    /// Whether there is more than in the beginning.
    #[inline]
    pub(super) fn has_grown(&self) -> bool {
        self.receives.has_grown() || self.has_both && self.copies.has_grown()
    }

    /// Gives back what has not been used for a while.
    pub(super) fn trim(&self) {
        self.pools().for_each(|pool| _ = pool.trim());
    }

    /// Why it is not locked, if it is not.
    pub(super) fn lock_notice(&self) -> Option<LockRefusal> {
        self.pools().find_map(BufferPool::lock_notice)
    }

    pub(super) fn extent(&self) -> Extent {
        let mut extent = Extent::default();
        for figures in self.pools().map(BufferPool::figures) {
            extent.locked += figures.locked_bytes;
            extent.registered += figures.registered_bytes;
            // Of two the one that is not.
            if !matches!(extent.lock_state, Some(LockState::Unlocked { .. })) {
                extent.lock_state = Some(figures.lock_state);
            }
        }
        let figures = self.receives.figures();
        extent.held = figures.used - figures.receiving - figures.sending;
        extent
    }
}
