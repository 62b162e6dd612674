//! What a connection needs of its request queue, of whichever kind it is.

use crate::memory::{Buffer, BufferPool};
use crate::net::StreamSocket;
use crate::queue::{PortRequestQueue, PostError, Receive, Refused, RequestQueue, Send};

/// The context of a connection's own sends and receives: it has one of each kind at most that matters.
const TOKEN: u64 = 0;

/// See the module.
pub(crate) trait Requests {
    /// Posts a receive that takes its slice when there are bytes.
    fn receive(&self, pool: &BufferPool) -> Result<(), PostError>;

    /// Posts a send; with `more` another one follows at once, and they leave together.
    fn send(&self, buffer: Buffer, more: bool) -> Result<(), Refused<Buffer>>;

    /// Sends a slice that nothing follows: at once, and it comes back without a completion, or as by
    /// [`send`](Requests::send).
    fn send_at_once(&self, buffer: Buffer) -> Result<Option<Buffer>, Refused<Buffer>>;

    /// Ends what is sent, behind the sends.
    fn finish(&self) -> Result<(), PostError>;

    /// The socket.
    fn socket(&self) -> &StreamSocket;
}

macro_rules! requests {
    ($($queue:ident => $at_once:expr;)*) => {$(
        impl Requests for $queue<StreamSocket> {
            #[inline]
            fn receive(&self, pool: &BufferPool) -> Result<(), PostError> {
                self.receive_pooled(pool, Receive::new(), TOKEN)
            }

            #[inline]
            fn send(&self, buffer: Buffer, more: bool) -> Result<(), Refused<Buffer>> {
                let options = if more { Send::new().defer() } else { Send::new() };
                self.send_with(buffer, options, TOKEN)
            }

            #[inline]
            fn send_at_once(&self, buffer: Buffer) -> Result<Option<Buffer>, Refused<Buffer>> {
                let at_once: fn(&Self, Buffer) -> Result<Option<Buffer>, Refused<Buffer>> = $at_once;
                at_once(self, buffer)
            }

            fn finish(&self) -> Result<(), PostError> {
                $queue::finish(self, TOKEN)
            }

            fn socket(&self) -> &StreamSocket {
                $queue::socket(self)
            }
        }
    )*};
}

requests! {
    RequestQueue => |requests, buffer| requests.send_at_once(buffer, TOKEN);
    PortRequestQueue => |requests, buffer| requests.send(buffer, TOKEN).map(|()| None);
}
