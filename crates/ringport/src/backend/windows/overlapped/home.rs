//! Where the packets of a carrier go: to a port of its own, where its queue's thread sleeps, or to its landing on a port
//! of the program's, whose threads take them.

use std::io;
use std::ptr;
use std::sync::Arc;

use super::super::iocp::Iocp;
use super::super::landing::Landing;
use super::keys;

/// How many threads of a port of our own run at once: none is held back because another runs. The queue's own and the
/// watcher's are all that wait.
const EVERYBODY: u32 = 64;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) port: Arc<Iocp>,
    pub(super) landing: Option<Arc<Landing>>,
}

impl Home {
    pub(super) fn new(landing: Option<Arc<Landing>>) -> io::Result<Home> {
        let port = match &landing {
            Some(landing) => Arc::clone(landing.port()),
            None => Arc::new(Iocp::new(EVERYBODY)?),
        };
        Ok(Home { port, landing })
    }

    /// The key of the packets of operations.
    pub(super) fn operations(&self) -> usize {
        self.landing.as_ref().map_or(keys::OPERATION, |landing| landing.number())
    }

    /// The key of packets that only end a sleep.
    pub(super) fn wake_ups(&self) -> usize {
        self.landing.as_ref().map_or(keys::WAKE, |landing| landing.number())
    }

    /// Posts a packet that ends a sleep.
    pub(super) fn wake(&self) -> io::Result<()> {
        self.port.post(0, self.wake_ups(), ptr::null_mut())
    }

    /// Says that an operation of a socket may have ended, which belongs to another port.
    pub(super) fn tell(&self, socket: u32) -> io::Result<()> {
        match &self.landing {
            Some(landing) => landing.tell(socket),
            None => self.port.post(0, keys::look(socket), ptr::null_mut()),
        }
    }
}
