//! Refusals around reservations.

use crate::memory::PoolExhausted;

/// The pool can never have as many slices as would be promised. Ordinary at the door of a server that is full.
///
/// ```
/// let pool = ringport::BufferPool::builder().slices_per_region(8).regions(1..=1).build()?;
/// let _first = pool.reserve(6)?;
/// assert_eq!(
///     pool.reserve(4).unwrap_err().to_string(),
///     "4 slices cannot be reserved: 6 of the 8 that the pool may have are; raise regions(..) or \
///      slices_per_region, or reserve fewer slices for each connection"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{asked} slices cannot be reserved: {reserved} of the {capacity} that the pool may have are; raise regions(..) \
     or slices_per_region, or reserve fewer slices for each connection"
)]
pub struct ReserveRefused {
    /// Slices asked for.
    pub asked: usize,
    /// Slices that are reserved already.
    pub reserved: usize,
    /// Slices the pool has when it has all its regions.
    pub capacity: usize,
}

/// The holder of a reservation has as many slices as were promised to it.
///
/// ```
/// # let pool = ringport::BufferPool::builder().slices_per_region(8).regions(1..=1).build()?;
/// let mut reservation = pool.reserve(2)?;
/// reservation.count(1)?;
/// assert_eq!(
///     reservation.count(2).unwrap_err().to_string(),
///     "2 more slices are above the quota of 2, of which 1 are held: wait until some are returned, or widen it"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{asked} more slices are above the quota of {quota}, of which {held} are held: wait until some are returned, or \
     widen it"
)]
pub struct QuotaExceeded {
    /// Slices asked for.
    pub asked: usize,
    /// Slices that are held.
    pub held: usize,
    /// Slices that may be held.
    pub quota: usize,
}

/// Why [`Reservation::take`](super::Reservation::take) gave no buffer.
///
/// ```
/// use ringport::memory::ReservedTakeError;
///
/// # let pool = ringport::BufferPool::builder().slices_per_region(1).regions(1..=1).build()?;
/// let mut reservation = pool.reserve(1)?;
/// let taken_by_a_stranger = pool.take()?;
/// assert!(matches!(reservation.take(), Err(ReservedTakeError::Exhausted(_))));
/// drop(taken_by_a_stranger);
/// let _held = reservation.take()?;
/// assert!(matches!(reservation.take(), Err(ReservedTakeError::Quota(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReservedTakeError {
    /// The quota is used up.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    /// The pool has no slice although one was promised.
    #[error(transparent)]
    Exhausted(#[from] PoolExhausted),
}
