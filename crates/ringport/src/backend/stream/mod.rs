//! Streams by plain system calls that do not wait: `recv`, `send` and their vectored forms, `accept4`, `connect`.
//!
//! Both Linux backends do the requests of connections and listeners this way, each time the socket is ready; io_uring
//! does better for accepts and for receives whose memory it may choose. What the bytes then mean to the requests is in
//! [`bytes`](super::bytes).

mod accept;
mod receive;
mod send;

pub(crate) use accept::accept;
pub(crate) use receive::receive;
pub(crate) use send::{flush, send_slice};
