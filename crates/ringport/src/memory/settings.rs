//! What a pool was asked to be, checked once.

use super::error::MemoryError;
use super::huge_pages::HugePages;
use super::lock::Lock;
use super::region::Geometry;
use super::system::headroom::CONTROL_OFFSET;
use std::time::Duration;

/// Slices and their headroom start on cache lines.
const LINE: usize = 64;
/// So that the free list's word keeps a tag of at least 29 bits (see `free_list`): a thread that stalls in the middle
/// of a take would have to miss a multiple of 2^29 takes exactly to be deceived.
pub(crate) const MAXIMUM_SLICES: usize = 1 << 16;
pub(crate) const MAXIMUM_REGIONS: usize = 1024;
const MAXIMUM_SLICE: usize = 1 << 30;
const MAXIMUM_CONTROL: usize = 16 << 10;
/// Memory nodes that can be named.
pub(super) const NODES: usize = 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) slice_size: usize,
    pub(crate) slices_per_region: usize,
    pub(crate) minimum_regions: usize,
    pub(crate) maximum_regions: usize,
    pub(crate) control: usize,
    pub(crate) lock: Lock,
    pub(crate) huge_pages: HugePages,
    pub(crate) numa_node: Option<usize>,
    pub(crate) release_after: Duration,
    pub(crate) locked_limit: Option<usize>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            slice_size: 2048,
            slices_per_region: 1024,
            minimum_regions: 1,
            maximum_regions: 8,
            control: 144,
            lock: Lock::Preferred,
            huge_pages: HugePages::Off,
            numa_node: None,
            release_after: Duration::from_secs(10),
            locked_limit: None,
        }
    }
}

fn check(what: &'static str, value: usize, good: bool, allowed: &'static str) -> Result<(), MemoryError> {
    if good { Ok(()) } else { Err(MemoryError::Invalid { what, value, allowed }) }
}

impl Settings {
    fn check_slice_size(&self) -> Result<(), MemoryError> {
        let size = self.slice_size;
        check("slice_size", size, (1..=MAXIMUM_SLICE).contains(&size), "1 to 1,073,741,824 bytes")
    }

    /// The layout of a region the pool maps itself.
    pub(crate) fn geometry(&self) -> Result<Geometry, MemoryError> {
        self.check_slice_size()?;
        let (slices, minimum, maximum) = (self.slices_per_region, self.minimum_regions, self.maximum_regions);
        check("slices_per_region", slices, (1..=MAXIMUM_SLICES).contains(&slices), "1 to 65,536")?;
        check("the most regions", maximum, (1..=MAXIMUM_REGIONS).contains(&maximum), "1 to 1,024")?;
        check("the least regions", minimum, (1..=maximum).contains(&minimum), "1 to the most regions")?;
        check("control", self.control, self.control <= MAXIMUM_CONTROL, "0 to 16,384 bytes")?;
        let node = self.numa_node.unwrap_or(0);
        check("numa_node", node, node < NODES, "0 to 1,023")?;
        let headroom = (CONTROL_OFFSET + self.control).next_multiple_of(LINE);
        let stride = (headroom + self.slice_size).next_multiple_of(LINE);
        let bytes = stride.checked_mul(slices).filter(|bytes| isize::try_from(*bytes).is_ok());
        check("slices_per_region", slices, bytes.is_some(), "what fits into the address space")?;
        Ok(Geometry {
            slices: slices as u32,
            capacity: self.slice_size as u32,
            headroom: headroom as u32,
            stride,
        })
    }

    /// The layout over `len` bytes of the caller's own: no headroom, and what is left at the end is not used.
    pub(crate) fn foreign_geometry(&mut self, len: usize) -> Result<Geometry, MemoryError> {
        self.check_slice_size()?;
        let slices = len / self.slice_size;
        check("the memory's length", len, slices >= 1, "at least one slice_size")?;
        check("the memory's length", len, slices <= MAXIMUM_SLICES, "at most 65,536 slices")?;
        self.slices_per_region = slices;
        (self.minimum_regions, self.maximum_regions) = (1, 1);
        Ok(Geometry {
            slices: slices as u32,
            capacity: self.slice_size as u32,
            headroom: 0,
            stride: self.slice_size,
        })
    }

    /// Slices there are when all regions are.
    pub(crate) fn capacity(&self) -> usize {
        self.maximum_regions.saturating_mul(self.slices_per_region)
    }

    /// Bytes a region needs; checked by [`Settings::geometry`].
    pub(crate) fn region_bytes(&self) -> usize {
        self.geometry().map_or(0, |geometry| geometry.stride.saturating_mul(self.slices_per_region))
    }
}
