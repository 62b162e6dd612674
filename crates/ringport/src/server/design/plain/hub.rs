//! What the threads of a server with plain sockets on a port share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::backend::sys::blocking;
use crate::backend::sys::descriptor::AsFd;
use crate::backend::{self, BackendKind};
use crate::memory::{BufferMut, Replenished};
use crate::port::{CompletionPort, PortUdpSocket};
use crate::server::design::REFILL;
use crate::server::error::ServerError;
use crate::server::memory::Memory;
use crate::server::options::Options;
use crate::server::sockets::{Bound, Place, Sockets};

/// See the module.
pub(in crate::server) struct Hub {
    /// By key.
    pub(super) sockets: Vec<PortSocket>,
    pub(in crate::server) port: CompletionPort,
    pub(in crate::server) memory: Memory,
    waker: Arc<dyn Replenished>,
}

/// A socket on the port.
pub(super) struct PortSocket {
    pub(super) handle: PortUdpSocket,
    pub(super) place: Place,
    /// Receives that are not posted for lack of slices.
    missing: AtomicU32,
}

/// Has a thread of the port look for slices.
struct Refill(CompletionPort);

impl Replenished for Refill {
    fn replenished(&self) {
        // Refused only where so many packets wait that a thread comes by anyway, or nobody does any more.
        let _ = self.0.post(REFILL, 0);
    }
}

impl Hub {
    /// Makes the port and the memory, and posts all receives.
    pub(in crate::server) fn open(options: &Options, sockets: &Sockets) -> Result<Hub, ServerError> {
        let memory = Memory::open(options, options.pending() * sockets.all().len(), 0)?;
        let free = backend::is_free(options.backend);
        let backend = if free { backend::PLAIN.choice } else { options.backend };
        let port = CompletionPort::builder().concurrency(options.concurrency).backend(backend).build()?;
        let associate = |(key, bound): (u64, &Bound)| {
            let handle = port.associate_udp(&bound.socket, key)?;
            // As many are allowed as the options allow.
            let _ = handle.set_limit(options.pending());
            Ok::<_, ServerError>(PortSocket {
                handle,
                place: bound.place,
                missing: AtomicU32::new(options.pending() as u32),
            })
        };
        let sockets = (0..).zip(sockets.all()).map(associate).collect::<Result<_, _>>()?;
        let waker: Arc<dyn Replenished> = Arc::new(Refill(port.clone()));
        let hub = Hub { sockets, port, memory, waker };
        hub.refill();
        Ok(hub)
    }

    pub(super) fn backend(&self) -> Option<BackendKind> {
        self.sockets.first().map(|socket| socket.handle.backend())
    }

    /// Posts receives that are missing, as far as there are slices.
    pub(super) fn refill(&self) {
        for socket in &self.sockets {
            while socket.claim() {
                match self.memory.receives.take() {
                    Ok(buffer) => socket.post(buffer),
                    Err(_) => {
                        socket.miss(1);
                        if self.memory.receives.announce_waiting(&self.waker) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// After the stop: whether all that was received was taken by a thread. A datagram that a thread is about to
    /// receive is that thread's to handle.
    pub(super) fn is_drained(&self) -> bool {
        self.sockets.iter().all(|socket| blocking::is_empty(socket.handle.socket().as_fd()))
            && self.port.counters().queued == 0
    }
}

impl PortSocket {
    /// Posts a receive.
    #[inline]
    pub(super) fn post(&self, buffer: BufferMut) {
        // Refused only by a port that is closed; then the slice goes to its pool.
        let _ = if self.place.asks {
            self.handle.receive_message(buffer, 0)
        } else {
            self.handle.receive_from(buffer, 0)
        };
    }

    /// So many receives more are missing.
    pub(super) fn miss(&self, receives: u32) {
        self.missing.fetch_add(receives, Ordering::Relaxed);
    }

    /// Takes it upon the caller to post one that is missing.
    fn claim(&self) -> bool {
        let less = |missing: u32| missing.checked_sub(1);
        self.missing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}
