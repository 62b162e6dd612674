//! A place in the pool's table of regions: opened, used, closed, retired, and opened again.
//!
//! ```text
//!            open                     close                  last slice home
//!   vacant --------> open (takes go) -------> closing (only ------------------> vacant
//!                                             returns go)        retire
//! ```
//!
//! The block of slots is made when the place is first opened and stays until the pool itself is freed, so a pop that
//! lost a race looks at an old slot and never at freed memory. The slices come and go with the region.
//!
//! While a region is open or closing it holds a reference to the pool ("stock") it belongs to. So the pool lives
//! as long as any slice is out, and taking or returning a slice counts nothing: the free list's own word knows.

use super::free_list::{Closed, FreeList, Shape};
use super::header::SeparateHeader;
use super::mapping::Mapping;
use super::slot::Slot;
use super::stock::Stock;
use super::system::stretch::Stretch;
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Names a registered region; what a buffer id is in registered I/O (`RIORegisterBuffer`). It goes stale when the
/// region is deregistered or released, even where a later region takes its place.
///
/// ```
/// let pool = ringport::BufferPool::builder().slices_per_region(4).build()?;
/// let region = pool.take()?.region();
/// assert!(pool.resolve(region, 0, 100).is_ok());
/// pool.deregister(region);
/// assert!(pool.resolve(region, 0, 100).is_err());
/// assert_ne!(pool.take()?.region(), region);          // the pool grew; the old id stays stale
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionId {
    place: u32,
    generation: u32,
}

impl RegionId {
    pub(crate) fn new(place: u32, generation: u32) -> RegionId {
        RegionId { place, generation }
    }

    pub(crate) fn place(self) -> usize {
        self.place as usize
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.place, self.generation)
    }
}

/// How a region is divided; the same for all regions of a pool.
///
/// ```text
///  base                                           base + headroom
///  | name, header | control ... padding           | payload: capacity bytes | padding to 64 |  next slice ...
///  |<------------------------------- stride ----------------------------------------------->|
/// ```
///
/// The headroom is what the kernel may write before a payload (`system::headroom` has its parts); all backends of a
/// system put the address and the control data at the same places. Memory of the caller's own has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) slices: u32,
    pub(crate) capacity: u32,
    pub(crate) headroom: u32,
    pub(crate) stride: usize,
}

/// What an open or closing region holds.
#[derive(Debug)]
struct Held {
    mapping: Mapping,
    stock: Arc<Stock>,
}

pub(crate) struct Region {
    pub(crate) list: FreeList,
    shape: Shape,
    geometry: Geometry,
    position: u32,
    generation: AtomicU32,
    vacant: AtomicBool,
    slots: OnceLock<Box<[Slot]>>,
    /// Beside the caller's own memory; never made over a pool's own.
    headers: OnceLock<Box<[SeparateHeader]>>,
    /// What a backend that registers memory knows of the slices.
    pub(super) slices: Stretch,
    /// And of the headers.
    pub(super) separate: Stretch,
    held: Mutex<Option<Held>>,
}

impl fmt::Debug for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = RegionId::new(self.position, self.generation.load(Ordering::Relaxed));
        formatter.debug_struct("Region").field("id", &id).field("list", &self.list).finish_non_exhaustive()
    }
}

impl Region {
    pub(crate) fn new(position: u32, geometry: Geometry) -> Region {
        Region {
            list: FreeList::new(),
            shape: Shape::new(geometry.slices),
            geometry,
            position,
            generation: AtomicU32::new(0),
            vacant: AtomicBool::new(true),
            slots: OnceLock::new(),
            headers: OnceLock::new(),
            slices: Stretch::new(),
            separate: Stretch::new(),
            held: Mutex::new(None),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a vacant place over `mapping`. The caller holds the pool's growth lock.
    pub(crate) fn open(&self, mapping: Mapping, stock: Arc<Stock>) {
        let this = NonNull::from(self);
        let Geometry { slices, capacity, headroom, stride } = self.geometry;
        let slots = self
            .slots
            .get_or_init(|| (0..slices).map(|index| Slot::new(this, index, capacity, headroom)).collect());
        if headroom == 0 {
            let new = || (0..slices).map(|_| SeparateHeader::new()).collect();
            let headers = self.headers.get_or_init(new);
            self.separate.open(NonNull::from(&**headers).cast(), size_of_val(&**headers));
        }
        self.slices.open(mapping.base(), mapping.bytes());
        let generation = self.generation.load(Ordering::Relaxed).wrapping_add(1);
        self.generation.store(generation, Ordering::Relaxed);
        for (index, slot) in slots.iter().enumerate() {
            let payload = mapping.base().as_ptr().wrapping_add(index * stride + headroom as usize);
            slot.bind(payload);
        }
        self.vacant.store(false, Ordering::Relaxed);
        *self.held() = Some(Held { mapping, stock });
        self.list.open(self.shape, &**slots);
    }

    /// The header beside a slice of the caller's own memory.
    pub(crate) fn separate_header(&self, index: u32) -> Option<*mut u8> {
        self.headers.get()?.get(index as usize).map(SeparateHeader::as_ptr)
    }

    /// Takes a slot; also how many are left and the list's tag.
    #[inline]
    pub(crate) fn take(&self) -> Option<(&Slot, u32, u64)> {
        let slots = self.slots.get()?;
        let popped = self.list.pop(self.shape, &**slots)?;
        let slot = slots.get(popped.index as usize)?;
        slot.occupy();
        Some((slot, popped.left, popped.tag))
    }

    /// Closes it for takes. Some pool reference: it was retired here and the caller drops that reference last.
    pub(crate) fn close(&self) -> (Closed, Option<Arc<Stock>>) {
        let closed = self.list.close(self.shape);
        (closed, if closed == Closed::AllHome { self.retire() } else { None })
    }

    /// Frees the slices of a closed region whose slots are all home, and hands out the reference to the pool: with
    /// it dropped, this region itself may be gone.
    pub(crate) fn retire(&self) -> Option<Arc<Stock>> {
        let Held { mapping, stock } = self.held().take()?;
        stock.account_retired(mapping.bytes(), mapping.locked_bytes());
        self.slices.close();
        self.separate.close();
        drop(mapping);
        self.vacant.store(true, Ordering::Release);
        Some(stock)
    }

    /// A reference to the pool, for one who is about to give back the slice that keeps it alive.
    pub(crate) fn pin(&self) -> Option<Arc<Stock>> {
        self.held().as_ref().map(|held| Arc::clone(&held.stock))
    }

    pub(crate) fn is_vacant(&self) -> bool {
        self.vacant.load(Ordering::Acquire)
    }

    /// Slots free to take: none when closed.
    pub(crate) fn free(&self) -> usize {
        let word = self.list.word();
        if FreeList::is_closed(word) { 0 } else { self.shape.count(word) as usize }
    }

    /// Slots that are home, and whether they can be taken.
    pub(crate) fn home(&self) -> (usize, bool) {
        let word = self.list.word();
        (self.shape.count(word) as usize, !FreeList::is_closed(word))
    }

    pub(crate) fn is_open(&self) -> bool {
        !FreeList::is_closed(self.list.word())
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) fn id(&self) -> RegionId {
        RegionId::new(self.position, self.generation.load(Ordering::Relaxed))
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        self.slots.get().map_or(&[], |slots| slots)
    }

    /// Bytes of its slices; 0 when vacant.
    pub(crate) fn mapped_bytes(&self) -> usize {
        self.held().as_ref().map_or(0, |held| held.mapping.bytes())
    }
}
