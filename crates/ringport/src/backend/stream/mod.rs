//! Streams by plain system calls that do not wait: `recv`, `send` and their vectored forms, `accept4`, `connect`.
//!
//! Both Linux backends do the requests of connections and listeners this way, each time the socket is ready; io_uring
//! does better for accepts and for receives whose memory it may choose. So what a request means is in one place: bytes fill the
//! receives and leave the sends in post order, whoever says that the socket is ready.
//!
//! ```text
//!   posted receives   [ r0 ▓▓▓▓░░ ][ r1 ░░░░ ][ r2: a slice of the pool ]    filled: how much of r0 is there
//!   posted sends      [ s0 ░░▓▓▓▓ ][ s1 ▓▓▓▓ ][ s2: finish ]                 sent: how much of s0 has left
//! ```

mod accept;
mod receive;
mod send;

pub(crate) use accept::{accept, accepted, refused};
pub(crate) use receive::receive;
pub(crate) use send::{flush, send_slice};

use crate::backend::contract::{Attachment, Completion, Origin, Outcome, ReceiveRequest};
use crate::memory::{Received, Use};

/// Appends the completion of a receive that was taken from its side, and has so many bytes.
pub(crate) fn complete(
    attachment: &Attachment,
    key: u32,
    request: ReceiveRequest,
    bytes: u32,
    out: &mut Vec<Completion>,
) {
    let ReceiveRequest { slice, token, notifies, .. } = request;
    if let Some(mut buffer) = slice {
        buffer.set_received(bytes, Received::default());
        buffer.set_use(Use::Held);
        let origin = Origin { key, socket_context: attachment.context, token, notifies };
        Completion::push_slice(out, buffer, bytes, Outcome::Success, origin);
    }
}
