//! Reservations: so many slices of a pool promised to one connection, and refused at the door where they cannot be.
//!
//! ```text
//!   what the pool may ever have   [ slice slice slice slice slice slice slice slice ]   most regions x their slices
//!   reserved                       `- connection 1 -'`- connection 2 -'                 one number, no slice set aside
//!   held, counted by each             1 of 3               3 of 3
//! ```
//!
//! It is all accounting. The pool keeps one number, changed when a connection comes and goes. A connection counts for
//! itself what it holds, without an atomic, and holds no more than its quota. So while everybody who takes from the
//! pool does so, there is a slice for every take within a quota, though none lies idle for a connection that is idle.
//!
//! Whoever takes from such a pool without a reservation takes what was promised to others. So a pool with
//! reservations is used through them only: whoever else needs slices of it reserves them, too.

mod error;
mod promises;

pub use error::{QuotaExceeded, ReserveRefused, ReservedTakeError};
pub(crate) use promises::Promises;

use super::buffer::BufferMut;
use super::pool::BufferPool;

/// A promise of so many slices of a pool; from [`BufferPool::reserve`]. Dropping it gives the promise back.
///
/// It belongs to one holder at a time and may move between threads. The holder says when slices that it took are
/// home again ([`returned`](Reservation::returned)), which is what its quota is measured by; give them back before
/// the reservation is dropped.
///
/// ```
/// # let pool = ringport::BufferPool::builder().slices_per_region(4).regions(1..=2).build()?;
/// let mut connection = pool.reserve(3)?;
/// let mut another = pool.reserve(5)?;
/// let refused = pool.reserve(1).unwrap_err();                      // at the door
/// assert_eq!((refused.asked, refused.reserved, refused.capacity), (1, 8, 8));
///
/// let held: Vec<_> = (0..5).map(|_| another.take()).collect::<Result<_, _>>()?;
/// assert!(another.take().is_err());                                // its quota is used up
/// let buffer = connection.take()?;                                 // and not that of the others
/// drop(buffer);
/// connection.returned(1);
/// assert_eq!((connection.held(), connection.left()), (0, 3));
/// # drop(held);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reservation {
    pool: BufferPool,
    slices: usize,
    held: usize,
}

impl BufferPool {
    /// Promises `slices` slices. No slice is taken or set aside, and the pool does not grow before they are.
    ///
    /// Under the promise, no take is refused for want of slices while all who take from the pool keep to theirs. It
    /// still can be where the system refuses a region below the pool's maximum
    /// ([`PoolExhausted::growth`](super::PoolExhausted::growth)): a pool whose regions are all made at the start
    /// (`regions(8..=8)`) knows that at the start.
    ///
    /// # Errors
    /// [`ReserveRefused`] when more would be promised than the pool may ever have.
    pub fn reserve(&self, slices: usize) -> Result<Reservation, ReserveRefused> {
        self.promise(slices)?;
        Ok(Reservation { pool: self.clone(), slices, held: 0 })
    }

    /// Adds to what is promised.
    fn promise(&self, asked: usize) -> Result<(), ReserveRefused> {
        let stock = self.stock();
        let capacity = stock.settings.capacity();
        let promised = stock.promises.promise(asked, capacity);
        promised.map_err(|reserved| ReserveRefused { asked, reserved, capacity })
    }
}

impl Reservation {
    /// The quota: slices that may be held at a time.
    pub fn slices(&self) -> usize {
        self.slices
    }

    /// Slices that are held now.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Slices that may be taken now.
    pub fn left(&self) -> usize {
        self.slices - self.held
    }

    /// Takes an empty buffer, within the quota.
    ///
    /// # Errors
    /// [`ReservedTakeError::Quota`] when the quota is used up; [`ReservedTakeError::Exhausted`] when the pool has
    /// no slice although one was promised: it could not grow, or somebody takes from it without a reservation.
    #[inline]
    pub fn take(&mut self) -> Result<BufferMut, ReservedTakeError> {
        self.count(1)?;
        match self.pool.take_promised() {
            Ok(buffer) => Ok(buffer),
            Err(exhausted) => {
                self.held -= 1;
                Err(exhausted.into())
            }
        }
    }

    /// Counts slices that are taken from the pool on this account elsewhere, such as by a receive that takes its
    /// slice when there are bytes for it.
    ///
    /// # Errors
    /// [`QuotaExceeded`] when more would be held than the quota; nothing is counted then.
    #[inline]
    pub fn count(&mut self, slices: usize) -> Result<(), QuotaExceeded> {
        if slices > self.left() {
            return Err(QuotaExceeded { asked: slices, held: self.held, quota: self.slices });
        }
        self.held += slices;
        Ok(())
    }

    /// So many of the slices that were held are home again, and may be taken anew. At most as many as are held.
    #[inline]
    pub fn returned(&mut self, slices: usize) {
        self.held = self.held.saturating_sub(slices);
    }

    /// Hands over some of the slices that are held, with the promise for them, as a reservation of its own: for
    /// buffers that leave the connection, and are dropped together with it. The quota is so much less, until
    /// [`widen`](Reservation::widen). At most as many as are held.
    ///
    /// ```
    /// # let pool = ringport::BufferPool::builder().slices_per_region(8).regions(1..=1).build()?;
    /// let mut connection = pool.reserve(4)?;
    /// let kept = connection.take()?;
    /// let promise = connection.hand_over(1);
    /// assert_eq!((connection.slices(), connection.held(), promise.slices()), (3, 0, 1));
    /// connection.widen(1)?;                                        // as much as before, if there is so much
    /// assert_eq!((connection.left(), pool.figures().reserved), (4, 5));
    /// drop((kept, promise));                                       // wherever that is
    /// assert_eq!(pool.figures().reserved, 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "dropping it gives the promise back while the slices are still out"]
    pub fn hand_over(&mut self, slices: usize) -> Reservation {
        let slices = slices.min(self.held);
        self.held -= slices;
        self.slices -= slices;
        Reservation { pool: self.pool.clone(), slices, held: slices }
    }

    /// Raises the quota by so many slices.
    ///
    /// # Errors
    /// [`ReserveRefused`] as for [`BufferPool::reserve`]; the quota stays as it is then.
    pub fn widen(&mut self, slices: usize) -> Result<(), ReserveRefused> {
        self.pool.promise(slices)?;
        self.slices += slices;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.pool.stock().promises.give_back(self.slices);
    }
}
