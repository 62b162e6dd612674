//! A bounded queue whose places are taken first and filled later, in any order, and read in the order of the places.
//!
//! ```text
//!   taken   [ 4: filled | 5: - | 6: filled | 7: - ]
//!             ▲            ▲ the reader gets 4 now, and 6 once somebody has filled 5
//! ```

use super::atomic::Arc;
use super::ring::{Reader, Ring, ring};

/// See the module.
pub(crate) struct Ordered<T>(Arc<Ring<T>>);

impl<T> Ordered<T> {
    /// Makes one with `capacity` places or more.
    pub(crate) fn new(capacity: usize) -> (Ordered<T>, Reader<T>) {
        let (ring, reader) = ring(capacity);
        (Ordered(ring), reader)
    }

    /// Takes the next place, if one is free.
    #[inline]
    pub(crate) fn take_place(&self) -> Option<usize> {
        self.0.reserve(1)
    }

    /// Fills a place that was taken; hands the value back where it was not, or is filled already.
    #[inline]
    pub(crate) fn fill(&self, place: usize, value: T) -> Result<(), T> {
        if !self.0.claim(place) {
            return Err(value);
        }
        self.0.fill(place, value);
        Ok(())
    }

    /// Whether a place is filled and was not read yet.
    #[inline]
    pub(crate) fn is_filled(&self, place: usize) -> bool {
        self.0.is_filled(place)
    }
}
