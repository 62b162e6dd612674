//! What only connections and listeners are asked for.

use std::net::SocketAddr;

use ringport::queue::PostError;
use ringport::{BufferPool, StreamListener, StreamSocket};

use super::{Pool, ReceiveAs, Requests};

impl Requests<StreamSocket> {
    /// A receive that takes its slice when there are bytes.
    pub(crate) fn receive_pooled(&self, flags: ReceiveAs, pool: &Pool, token: u64) -> Result<(), PostError> {
        self.world.note("waits for all", u64::from(flags.wait_all));
        if self.world.breaks("registered_io::streams::an_idle_connection_holds_no_slice") {
            let result = self.inner.receive_with(pool.take(), flags.options(), token);
            return result.map_err(|refused| refused.error);
        }
        let inner: &BufferPool = pool.inner();
        self.inner.receive_pooled(inner, flags.options(), token)
    }

    pub(crate) fn connect(&self, peer: SocketAddr, token: u64) -> Result<(), PostError> {
        self.world.note("connects", 1);
        self.inner.connect(peer, token)
    }

    pub(crate) fn finish(&self, token: u64) -> Result<(), PostError> {
        if self.world.breaks("registered_io::streams::the_end_follows_the_sends") {
            return Ok(());
        }
        self.inner.finish(token)
    }
}

impl Requests<StreamListener> {
    pub(crate) fn accept(&self, token: u64) -> Result<(), PostError> {
        self.inner.accept(token)
    }
}
