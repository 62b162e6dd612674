//! Linux, by the options of its sockets.

pub(in crate::net) mod buffers;
pub(in crate::net) mod foreign;
pub(in crate::net) mod foreign_streams;
pub(in crate::net) mod keep_alive;
pub(in crate::net) mod lending;
pub(in crate::net) mod local;
pub(in crate::net) mod losses;
pub(in crate::net) mod multicast;
pub(in crate::net) mod offload;
pub(in crate::net) mod opening;
pub(in crate::net) mod path;
pub(in crate::net) mod sending;
pub(in crate::net) mod told;
pub(in crate::net) mod words;
