//! Registered I/O of Windows: the functions behind the ioctl, what they make, and the carrier that uses it.
//!
//! ```text
//!   carrier ──► socket ──► letters, headroom, chests         what requests say and bring beside data, and chains
//!      │           │
//!      │           ├──────────────► RawRequestQueue          ends with its socket; rests while that is detached
//!      │           └──────────────► RegisteredRegion         registered by the first request into a region
//!      └──────────────────────────► RawCompletionQueue
//!                                       │
//!   provider ──► Functions ◄────────────┘                    which functions serve a socket
//! ```

mod cancelling;
mod carrier;
mod chests;
mod completion_queue;
mod constants;
mod functions;
mod headroom;
mod letters;
mod mixing;
mod outcome;
mod posting;
mod provider;
mod region;
mod request_queue;
mod resting;
mod sharing;
mod socket;
mod state;
#[cfg(test)]
#[cfg(ringport_stand_in)]
mod tests;
#[cfg(test)]
mod values;

pub(super) use provider::detect;
#[cfg(ringport_stand_in)]
pub(crate) use provider::install;
pub(super) use state::Rio;
