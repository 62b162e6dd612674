//! What a connection needs of its request queue, of whichever kind it is.

use crate::memory::{Buffer, BufferPool};
use crate::net::StreamSocket;
use crate::queue::{PortRequestQueue, PostError, Receive, Refused, RequestQueue, Send};

/// The context of a connection's own sends and receives: it has one of each kind at most that matters.
const TOKEN: u64 = 0;

/// See the module.
pub(in crate::server::tcp) trait Requests {
    /// Posts a receive that takes its slice when there are bytes.
    fn receive(&self, pool: &BufferPool) -> Result<(), PostError>;

    /// Posts a send; with `more` another one follows at once, and they leave together.
    fn send(&self, buffer: Buffer, more: bool) -> Result<(), Refused<Buffer>>;

    /// Ends what is sent, behind the sends.
    fn finish(&self) -> Result<(), PostError>;

    /// The socket.
    fn socket(&self) -> &StreamSocket;
}

macro_rules! requests {
    ($($queue:ident),*) => {$(
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

            fn finish(&self) -> Result<(), PostError> {
                $queue::finish(self, TOKEN)
            }

            fn socket(&self) -> &StreamSocket {
                $queue::socket(self)
            }
        }
    )*};
}

requests!(RequestQueue, PortRequestQueue);
