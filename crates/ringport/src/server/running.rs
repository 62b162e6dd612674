//! A server in the background.

use std::net::SocketAddr;
use std::sync::Arc;

use super::datagram::Datagram;
use super::error::ServerError;
use super::handle::ServerHandle;
use super::launch::Launch;
use super::report::Report;
use super::sender::Sender;
use super::shared::Shared;
use super::stop::StopReason;
use super::supervisor::Supervisor;

/// A server that runs on threads of its own; made by [`UdpServer::start`](super::UdpServer::start).
///
/// Dropping it stops the server in order and waits for its end.
///
/// ```
/// use ringport::UdpServer;
///
/// let server = UdpServer::bind("127.0.0.1:0")?.start(|datagram| datagram.reply())?;
/// println!("serving on {}", server.local_addr());
/// let report = server.stop()?;
/// assert_eq!(report.counters.total.failed, 0);
/// # Ok::<(), ringport::server::ServerError>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct Running {
    shared: Arc<Shared>,
    supervisor: Supervisor<Report>,
}

impl Running {
    /// Starts a server and returns when all of its threads are ready.
    pub(super) fn start<H: FnMut(Datagram<'_>)>(
        launch: Launch,
        make: impl Fn(usize) -> H + Send + Sync + 'static,
    ) -> Result<Running, ServerError> {
        let shared = Arc::clone(&launch.shared);
        let supervisor = Supervisor::start(move |ready| launch.run(&make, || ready.tell()))?;
        Ok(Running { shared, supervisor })
    }

    /// The address the server is bound to.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// All addresses the server is bound to, in the order of binding.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.shared.locals()
    }

    /// A handle: figures, groups, stop.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(&self.shared)
    }

    /// A sender, to push datagrams from the server's socket.
    pub fn sender(&self) -> Sender {
        Sender::new(&self.shared)
    }

    /// Stops the server in order and waits for its end.
    ///
    /// # Errors
    /// As of [`UdpServer::run`](super::UdpServer::run).
    pub fn stop(self) -> Result<Report, ServerError> {
        self.shared.stop(StopReason::Handle);
        self.join()
    }

    /// Waits for the server's end, whoever stops it.
    ///
    /// # Errors
    /// As of [`UdpServer::run`](super::UdpServer::run).
    pub fn join(mut self) -> Result<Report, ServerError> {
        self.supervisor.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.supervisor.is_running() {
            self.shared.stop(StopReason::Handle);
            // A failure has nobody left to be told to; `stop` and `join` tell it.
            let _ = self.supervisor.wait();
        }
    }
}
