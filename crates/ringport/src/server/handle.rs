//! The server seen from elsewhere: its figures, its groups, its end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::counters::Counters;
use super::error::ServerError;
use super::shared::Shared;
use super::stop::StopReason;
use crate::memory::LockState;
use crate::net::Interface;

/// A handle on a server, from before it runs until after it ended; for any thread, to be cloned freely.
///
/// It does not keep the server alive, nor its port in use.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?;
/// let handle = server.handle();
/// let other = std::thread::spawn(move || handle.stop());
/// let report = server.run(|datagram| datagram.reply())?;
/// other.join().unwrap();
/// println!("{report}");
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServerHandle {
    shared: Arc<Shared>,
}

impl ServerHandle {
    pub(super) fn new(shared: &Arc<Shared>) -> ServerHandle {
        ServerHandle { shared: Arc::clone(shared) }
    }

    /// Begins an orderly stop, and does not wait for its end: what the sockets hold by now is received and
    /// handled, what was promised is sent, then the threads end and [`run`](super::UdpServer::run) returns.
    /// A server that has not begun to run does the same when it does.
    pub fn stop(&self) {
        self.shared.stop(StopReason::Handle);
    }

    /// Whether a stop has begun.
    pub fn is_stopping(&self) -> bool {
        self.shared.stopping().asked()
    }

    /// The address the server is bound to, with the port the system chose if it was asked to.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// All addresses the server is bound to, in the order of binding.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.shared.locals()
    }

    /// The figures as they stand. The threads are not disturbed; the memory of the pools is walked, so this
    /// is for once a second, not for each datagram.
    pub fn counters(&self) -> Counters {
        counters(&self.shared)
    }

    /// Joins a multicast group, on the first socket of a sharded design.
    ///
    /// # Errors
    /// [`ServerError::Socket`] as of [`UdpSocket::join_multicast`](crate::UdpSocket::join_multicast),
    /// [`ServerError::Ended`].
    pub fn join_multicast(
        &self,
        group: impl Into<IpAddr>,
        interface: impl Into<Interface>,
    ) -> Result<(), ServerError> {
        let sockets = self.shared.sockets().ok_or(ServerError::Ended)?;
        Ok(sockets.first().join_multicast(group, interface)?)
    }

    /// Leaves a multicast group.
    ///
    /// # Errors
    /// As [`ServerHandle::join_multicast`].
    pub fn leave_multicast(
        &self,
        group: impl Into<IpAddr>,
        interface: impl Into<Interface>,
    ) -> Result<(), ServerError> {
        let sockets = self.shared.sockets().ok_or(ServerError::Ended)?;
        Ok(sockets.first().leave_multicast(group, interface)?)
    }
}

/// Puts the figures together.
pub(super) fn counters(shared: &Shared) -> Counters {
    let mut counters =
        Counters { pushes: shared.pushes.read(), dropped_by_socket: shared.drops(), ..Counters::default() };
    let Some(board) = shared.board() else { return counters };
    for (thread, notes) in board.threads().enumerate() {
        counters.threads.push(notes.read(thread));
        let memory = notes.extent();
        counters.locked_bytes += memory.locked;
        counters.registered_bytes += memory.registered;
        counters.slices_held += memory.held;
        // One thread without locked memory is worth telling, whatever the others have.
        if !matches!(counters.lock_state, Some(LockState::Unlocked { .. })) {
            counters.lock_state = memory.lock_state.or(counters.lock_state);
        }
    }
    counters.total = Counters::sum(&counters.threads);
    let (common, queues) = board.read_common();
    counters.total.add(&common);
    counters.queues = queues;
    counters
}
