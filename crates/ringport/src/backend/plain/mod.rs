//! Plain operations: one buffer, one operation, one result. What the handles of a completion port are made of.
//!
//! Each system makes the operations go on in its own way. On Linux nothing here knows of ports: what is done is returned
//! to the caller, or goes to an outlet. On Windows the operations and their port are the system's, and one thing.

mod buffer;
#[cfg(target_os = "linux")]
mod linux;
mod request;

pub use buffer::OperationBuffer;
#[cfg(target_os = "linux")]
pub(crate) use linux::{Begun, Descriptor, Engine, Holding, Outlet, Place, Refusal, Subject};
#[cfg(target_os = "linux")]
pub(crate) use request::Direction;
pub use request::Done;
pub(crate) use request::{Extent, Outcome, Request, Status, What};

#[cfg(windows)]
pub(crate) use super::windows::operations::{Begun, Descriptor, Engine, Holding, Place, Refusal, Subject};
