//! Plain operations: one buffer, one operation, one result. What the handles of a completion port are made of.
//!
//! Nothing here knows of ports: what is done is returned to the caller, or goes to an [`Outlet`]. Each system makes
//! the operations go on in its own way.

mod buffer;
#[cfg(target_os = "linux")]
mod linux;
mod request;

pub use buffer::OperationBuffer;
#[cfg(target_os = "linux")]
pub(crate) use linux::{Begun, Descriptor, Engine, Holding, Place, Refusal, Subject};
pub use request::Done;
pub(crate) use request::{Direction, Extent, Outcome, Request, Status, What};

#[cfg(windows)]
pub(crate) use super::windows::operations::{Begun, Descriptor, Engine, Holding, Place, Refusal, Subject};

/// Where a drive's own threads put what is done.
pub(crate) trait Outlet: Send + Sync {
    /// Takes it.
    fn deliver(&self, done: Done);
}
