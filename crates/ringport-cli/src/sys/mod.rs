//! What the tool asks of the system it runs on, a folder for each, with items of the same names.
//!
//! ```text
//!   clock         the clock of all measurements, and sleeping by it
//!   descriptors   room for open sockets
//!   process       what a process and its threads have used        (read from outside)
//!   machine       what the machine is, and what all of it did
//!   sockets       datagrams that were dropped for want of room
//!   signals       Ctrl-C
//!   children      a child that Ctrl-C at the terminal does not reach
//!   datagrams     sending many at once, receiving without waiting
//!   watch         which of many connections can be read or written
//!   troubles      what an error of the system means
//!   listener      ending an accept that waits
//! ```
//!
//! What a system does not tell is `None`, and never zero.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(windows)]
pub(crate) use windows::*;
