//! The settings of a pool, with fields that a fault can read and change.

use std::ops::RangeInclusive;
use std::time::Duration;

use ringport::memory::BufferPoolBuilder;
use ringport::{BufferPool, HugePages, Lock};

/// See the module.
#[derive(Clone, Debug)]
pub(in crate::buffers) struct Plan {
    pub(in crate::buffers) slice_size: usize,
    pub(in crate::buffers) slices: usize,
    pub(in crate::buffers) regions: RangeInclusive<usize>,
    pub(in crate::buffers) lock: Lock,
    pub(in crate::buffers) locked_limit: Option<usize>,
    pub(in crate::buffers) huge_pages: HugePages,
    pub(in crate::buffers) node: Option<usize>,
    pub(in crate::buffers) release_after: Duration,
}

impl Default for Plan {
    /// One region of four slices, not locked.
    fn default() -> Plan {
        Plan {
            slice_size: 100,
            slices: 4,
            regions: 1..=1,
            lock: Lock::Off,
            locked_limit: None,
            huge_pages: HugePages::Off,
            node: None,
            release_after: Duration::ZERO,
        }
    }
}

impl Plan {
    /// So many regions, from the first number to the last.
    pub(in crate::buffers) fn regions(regions: RangeInclusive<usize>) -> Plan {
        Plan { regions, ..Plan::default() }
    }

    pub(super) fn builder(self) -> BufferPoolBuilder {
        let builder = BufferPool::builder().slice_size(self.slice_size).slices_per_region(self.slices);
        let builder = builder.regions(self.regions).lock(self.lock).locked_limit(self.locked_limit);
        builder.huge_pages(self.huge_pages).numa_node(self.node).release_after(self.release_after)
    }
}
