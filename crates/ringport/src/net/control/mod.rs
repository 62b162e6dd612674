//! Control messages: what travels beside a datagram's bytes.
//!
//! ```text
//!  | length (usize) | level i32 | kind i32 | data ... | pad to usize | next message ...
//!  '---------------- header ---------------'
//!  '------------- length, without the pad -----------'
//! ```
//! The length comes first and counts its own header. All is read and written as bytes: the memory needs no
//! alignment, and nothing the bytes say can lead outside them.

mod find;
mod kinds;
mod layout;
mod messages;
#[cfg(windows)]
mod narrowing;
mod writer;

pub(crate) use find::local_of;
pub use messages::{ControlMessage, ControlMessages};
pub use writer::{ControlBuffer, ControlError};
