//! What all connections share.

use std::sync::atomic::{AtomicI64, Ordering};

use ringport::server::tcp::TcpHandle;

use crate::protocol::Limits;
use crate::store::{Store, Uptime};

/// See the module.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) limits: Limits,
    pub(crate) handle: TcpHandle,
    last_client: AtomicI64,
}

impl House {
    pub(crate) fn new(limits: Limits, handle: TcpHandle) -> House {
        House { store: Store::new(Uptime::start()), limits, handle, last_client: AtomicI64::new(0) }
    }

    /// A number that no client had before.
    pub(crate) fn next_client(&self) -> i64 {
        self.last_client.fetch_add(1, Ordering::Relaxed) + 1
    }
}
