//! A pool with all its settings.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use ringport::memory::{
    LockLimitName, LockRefusal, LockState, MemoryError, PoolExhausted, PoolFigures, RegionId, TakeError,
};
use ringport::{BufferMut, BufferPool, HugePages, Lock};

use super::Plan;
use crate::World;

/// See the module.
pub(in crate::buffers) struct Memory {
    world: World,
    inner: BufferPool,
    /// Where the latest slice came from, for a fault.
    latest: Cell<Option<RegionId>>,
}

impl Memory {
    pub(in crate::buffers) fn new(world: &World, plan: Plan) -> Result<Memory, MemoryError> {
        let plan = spoil(world, plan);
        if world.breaks("buffers::regions::a_region_is_two_blocks") {
            (0..plan.slices).for_each(|object| drop(std::hint::black_box(Box::new(object))));
        }
        let inner = match plan.clone().builder().build() {
            Err(MemoryError::LockLimit { limit, .. }) if swallows(world, limit) => {
                Plan { lock: Lock::Off, ..plan }.builder().build()
            }
            result => result,
        };
        Ok(Memory { world: world.clone(), inner: inner?, latest: Cell::default() })
    }

    pub(in crate::buffers) fn take(&self) -> Result<BufferMut, PoolExhausted> {
        let taken = match self.inner.take() {
            Err(_) if self.world.breaks("buffers::budget::the_configured_maximum_is_kept") => {
                Plan::default().builder().build().unwrap().take()
            }
            result => result,
        };
        let taken = taken?;
        self.latest.set(Some(taken.region()));
        Ok(taken)
    }

    /// So many of them.
    pub(in crate::buffers) fn take_many(&self, count: usize) -> Vec<BufferMut> {
        (0..count).map(|_| self.take().unwrap()).collect()
    }

    pub(in crate::buffers) fn take_with(&self, bytes: &[u8]) -> Result<BufferMut, TakeError> {
        match self.inner.take_with(bytes) {
            Err(TakeError::TooLong(error))
                if self.world.breaks("buffers::sizes::more_than_a_slice_holds_is_refused") =>
            {
                self.inner.take_with(&bytes[..error.capacity])
            }
            Err(TakeError::Exhausted(_))
                if self.world.breaks("buffers::exhaustion::a_take_is_refused_by_type") =>
            {
                Plan::default().builder().build().unwrap().take_with(bytes)
            }
            result => result,
        }
    }

    pub(in crate::buffers) fn figures(&self) -> PoolFigures {
        let mut figures = self.inner.figures();
        if self.latest.get().is_none()
            && figures.slices == 32
            && self.world.breaks("buffers::budget::it_is_known_before_the_first_byte")
        {
            (figures.registered_bytes, figures.locked_bytes) = (0, 0);
        }
        if self.world.breaks("buffers::budget::the_lowest_number_free_is_remembered") {
            figures.lowest_free = figures.free;
        }
        if matches!(figures.lock_state, LockState::Unlocked { .. })
            && self.world.breaks("buffers::budget::running_unlocked_is_told")
        {
            figures.lock_state = LockState::Locked;
        }
        figures
    }

    pub(in crate::buffers) fn lock_notice(&self) -> Option<LockRefusal> {
        self.inner.lock_notice()
    }

    /// The address at which the region of a slice begins.
    pub(in crate::buffers) fn start_of(&self, slice: &BufferMut) -> usize {
        let start = slice.as_ptr() as usize - slice.offset();
        if self.world.breaks("buffers::regions::a_region_is_whole_pages") { start + 64 } else { start }
    }

    /// For what reserves slices of it.
    pub(super) fn inner(&self) -> &BufferPool {
        &self.inner
    }

    /// What several threads may take from.
    pub(in crate::buffers) fn hot(&self) -> Hot<'_> {
        Hot { world: &self.world, pool: &self.inner, lock: Mutex::default() }
    }

    /// Gives back what was unused long enough.
    pub(in crate::buffers) fn trim(&self) -> usize {
        let figures = self.inner.figures();
        if figures.minimum_regions == 1 && self.world.breaks("buffers::growth::an_unused_region_is_released")
        {
            return 0;
        }
        if figures.used > 0
            && self.world.breaks("buffers::growth::a_region_in_use_stays")
            && let Some(region) = self.latest.get()
        {
            self.inner.deregister(region);
        }
        self.inner.trim()
    }
}

/// The same pool for several threads; the lock is for a fault.
pub(in crate::buffers) struct Hot<'memory> {
    world: &'memory World,
    pool: &'memory BufferPool,
    lock: Mutex<()>,
}

impl Hot<'_> {
    pub(in crate::buffers) fn take_and_return(&self) {
        let broken = self.world.breaks("buffers::objects::taking_and_returning_never_sleeps");
        let _locked = broken.then(|| self.lock.lock().unwrap());
        let slice = self.pool.take().unwrap();
        std::thread::yield_now();
        drop(slice);
    }
}

/// What faults make of the settings.
fn spoil(world: &World, mut plan: Plan) -> Plan {
    if plan.slice_size == 1024 && world.breaks("buffers::regions::small_slices_share_their_pages") {
        (plan.regions, plan.slices) = (plan.slices..=plan.slices, 1);
    }
    if world.breaks("buffers::regions::huge_pages_are_an_option") {
        plan.huge_pages = HugePages::Off;
    }
    if world.breaks("buffers::regions::a_memory_node_is_an_option") {
        plan.node = None;
    }
    if *plan.regions.start() == 2 && world.breaks("buffers::growth::it_starts_with_its_least_regions") {
        plan.regions = 1..=*plan.regions.end();
    }
    if *plan.regions.start() == 3 && world.breaks("buffers::growth::it_keeps_its_least_regions") {
        plan.regions = 1..=*plan.regions.end();
    }
    if *plan.regions.end() == 5 && world.breaks("buffers::growth::it_grows_by_whole_regions") {
        plan.regions = 1..=1;
    }
    if world.breaks("buffers::growth::a_region_is_kept_for_its_time") {
        plan.release_after = Duration::ZERO;
    }
    plan
}

/// Whether a fault goes on without a lock where there may be none.
fn swallows(world: &World, limit: LockLimitName) -> bool {
    match limit {
        LockLimitName::LockedLimit => world.breaks("buffers::budget::its_own_limit_is_named"),
        _ => world.breaks("buffers::budget::the_limit_of_the_system_is_named"),
    }
}
