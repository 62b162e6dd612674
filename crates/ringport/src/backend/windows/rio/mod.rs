//! Registered I/O of Windows: the functions behind the ioctl, and what they make.
//!
//! ```text
//!   provider --> Functions          which functions serve a socket
//!                   │
//!      ┌────────────┼──────────────────┐
//!   RegisteredRegion  RawCompletionQueue  RawRequestQueue       one each, closed when dropped
//! ```

#![allow(dead_code)]

mod completion_queue;
mod constants;
mod functions;
mod provider;
mod region;
mod request_queue;

pub(crate) use provider::detect;
#[cfg(ringport_stand_in)]
pub(crate) use provider::install;
