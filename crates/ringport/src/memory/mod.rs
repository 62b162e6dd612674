//! Registered memory: mapped and locked once in large regions, used in slices, known before the first byte.
//!
//! ```text
//!   PoolFamily -- one pool a size
//!      BufferPool -- regions, added when dry, released when long unused
//!         region: one block of slots (64 bytes each) and one block of slices
//!            BufferMut (unique) --freeze--> Buffer (counted, views) --> Chain
//!      Reservation -- a promise of so many slices, by accounting
//! ```
//!
//! This room knows nothing of sockets. Taking and returning a slice is one exchange on one word, from any thread;
//! everything else (growing, releasing, waiting for a slice) is kept off that path.

pub(crate) mod atomic;
mod berth;
mod buffer;
mod builder;
mod chain;
mod chain_mut;
mod error;
mod family;
mod figures;
mod free_list;
mod growth;
mod header;
mod huge_pages;
mod lock;
mod mapping;
mod ordered;
mod pool;
mod received;
mod region;
mod release;
mod reservation;
mod ring;
mod search;
mod segments;
mod settings;
mod shared;
mod shifting;
mod slot;
mod stock;
mod system;
#[cfg(test)]
mod tests;
mod waiting;

pub use buffer::BufferMut;
pub use builder::BufferPoolBuilder;
pub use chain::Chain;
pub use chain_mut::ChainMut;
pub use error::{
    CapacityExceeded, FamilyError, GrowthStop, MemoryError, PoolExhausted, RangeError, TakeError,
};
pub use family::{PoolFamily, PoolFamilyBuilder};
pub use figures::PoolFigures;
pub use huge_pages::{HugePageState, HugePages};
pub use lock::{Lock, LockLimitName, LockRefusal, LockState};
pub use pool::BufferPool;
pub use region::RegionId;
pub use reservation::{QuotaExceeded, Reservation, ReserveRefused, ReservedTakeError};
pub use shared::Buffer;

pub(crate) use berth::Berth;
pub(crate) use header::HasHeader;
pub(crate) use ordered::Ordered;
pub(crate) use ring::{Reader, Ring, ring};
pub(crate) use search::find_byte;
pub(crate) use segments::{Cut, Rest, Segment, Segments};
pub(crate) use settings::{MAXIMUM_REGIONS, MAXIMUM_SLICES};
pub(crate) use slot::{Received, Use};
pub(crate) use system::headroom::{CONTROL_OFFSET, NAME_LEN, NAME_OFFSET};
pub(crate) use system::lock::limit as lock_limit;
pub(crate) use waiting::Replenished;

#[cfg(windows)]
pub(crate) use system::headroom::CONTROL_LENGTH_OFFSET;
#[cfg(windows)]
pub(crate) use system::place::{Place, Placed};
#[cfg(windows)]
pub(crate) use system::stretch::{RegisterError, Registration};
