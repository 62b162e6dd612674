//! From a bound server to its report.

use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use super::board::Board;
use super::datagram::Datagram;
use super::design::ground::Ground;
use super::design::sharded;
use super::error::ServerError;
use super::gate::Gate;
use super::handle::counters;
use super::options::Options;
use super::outlet::Site;
use super::report::Report;
use super::shared::{Shared, Sockets};
use super::signals::Watch;
use super::stop::{Alarm, StopReason};
use super::thread::Post;
use crate::backend::{self, BackendKind};
use crate::net::{self, DontFragment};

/// A server that is ready to be launched.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) options: Options,
    pub(super) sockets: Arc<Sockets>,
    pub(super) shared: Arc<Shared>,
}

impl Launch {
    /// Runs the server on threads of its own until it is stopped. `started` is called when all are ready,
    /// before the first datagram is handled by any.
    pub(super) fn run<H: FnMut(Datagram<'_>)>(
        &self,
        make: &(impl Fn(usize) -> H + Sync),
        started: impl FnOnce(),
    ) -> Result<Report, ServerError> {
        self.options.check()?;
        let (backend, backend_reason) = self.backend()?;
        let socket_buffer_granted = self.open_sockets()?;
        let threads = self.options.threads();
        let board = self.shared.set_board(Board::new(threads));
        let watch = self.options.on_signals.then(|| Watch::begin(Arc::clone(&self.shared))).transpose();
        let watch = watch.map_err(|source| ServerError::System { what: "watching for signals", source })?;
        let ground = self.open_ground(board)?;
        let gate = Gate::new(threads);
        let begun = thread::scope(|scope| {
            let mut running = Vec::with_capacity(threads);
            let mut failure = None;
            for (thread, notes) in board.threads().enumerate() {
                let arrival = gate.arrival();
                let post = Post {
                    options: &self.options,
                    site: self.site(thread),
                    socket: self.sockets.of_thread(thread).clone(),
                    ground: ground.clone(),
                    notes,
                };
                let serve = move || {
                    let served = post.run(make, arrival);
                    if served.is_err() {
                        self.shared.stop(StopReason::Failure);
                    }
                    served
                };
                let builder = thread::Builder::new().name(format!("{}-{thread}", self.options.name));
                match builder.spawn_scoped(scope, serve) {
                    Ok(handle) => running.push(handle),
                    Err(source) => {
                        // The arrival went with the thread that was not started, so the gate stays shut.
                        failure = Some(ServerError::System { what: "starting a server thread", source });
                        break;
                    }
                }
            }
            let begun = Instant::now();
            if failure.is_none() && gate.all_ready() {
                started();
            }
            join(running, failure).map(|()| begun)
        });
        self.shared.stopping().forget_alarms();
        drop((watch, ground));
        board.unshare();
        let begun = begun?;
        let counters = counters(&self.shared);
        // A thread may have had to step down.
        let ran_on =
            counters.threads.iter().find_map(|thread| thread.backend.filter(|ran| backend != Some(*ran)));
        let (backend, backend_reason) = match ran_on {
            Some(ran) if !self.options.design.is_registered() => (Some(ran), backend_reason),
            Some(ran) => (Some(ran), "io_uring may not lock the memory it needs (ulimit -l)".to_owned()),
            None => (backend, backend_reason),
        };
        Ok(Report {
            local_addr: self.shared.local,
            design: self.options.design,
            backend,
            backend_reason,
            socket_buffer_asked: self.options.socket_buffer,
            socket_buffer_granted,
            stopped_by: self.shared.stopping().reason().unwrap_or(StopReason::Failure),
            ran: begun.elapsed(),
            counters,
        })
    }

    /// The backend there will be, so that a refusal is told before anything is started.
    fn backend(&self) -> Result<(Option<BackendKind>, String), ServerError> {
        let design = self.options.design;
        if !design.has_backend() {
            return Ok((None, "blocking system calls need none".to_owned()));
        }
        if !design.is_registered() && backend::is_free(self.options.backend) {
            return Ok((Some(BackendKind::Epoll), "plain sockets on a port are cheapest over it".to_owned()));
        }
        let explained = backend::explain(self.options.backend)?;
        Ok((Some(explained.kind), explained.reason))
    }

    /// Opens what is missing and sets all sockets up; returns the receive buffer that each was granted.
    fn open_sockets(&self) -> Result<usize, ServerError> {
        let first = self.sockets.first();
        let granted = first.set_receive_buffer(self.options.socket_buffer)?;
        let design = self.options.design;
        let count = if design.is_sharded() { self.options.threads() } else { self.options.queues } - 1;
        if count > 0 || design.is_sharded() {
            self.sockets.add(sharded::open(first, count, self.options.socket_buffer)?);
        }
        self.sockets.all().try_for_each(|socket| self.options.ask(socket, self.shared.local))?;
        let offload = self.options.offload();
        self.sockets.all().try_for_each(|socket| {
            // A kernel that knows nothing of it has it off.
            if offload || net::gro_supported() { socket.receive_offload(offload) } else { Ok(()) }
        })?;
        for (group, interface) in &self.options.groups {
            first.join_multicast(*group, *interface)?;
        }
        self.shared.stopping().sockets_opened(&self.sockets, !design.has_backend());
        Ok(granted)
    }

    /// What the threads stand on.
    fn open_ground(&self, board: &Board) -> Result<Ground, ServerError> {
        let ground = Ground::open(&self.options, &self.sockets)?;
        if let Some(port) = ground.port() {
            self.shared.stopping().wake_by(Alarm::Port(port.clone(), self.options.threads()));
        }
        board.share(ground.clone());
        Ok(ground)
    }

    fn site(&self, thread: usize) -> Site {
        Site {
            shared: Arc::clone(&self.shared),
            thread,
            local: self.shared.local,
            tells_local: self.options.asks_for_local(self.shared.local),
            offload: self.options.offload(),
            asks: self.options.asks_for_control(self.shared.local),
            whole: self.options.dont_fragment != DontFragment::Off,
            longest: self.options.slice_size as u32,
        }
    }
}

/// Waits for all threads; the first failure is the one to tell.
fn join(
    running: Vec<ScopedJoinHandle<'_, Result<(), ServerError>>>,
    mut failure: Option<ServerError>,
) -> Result<(), ServerError> {
    for (thread, handle) in running.into_iter().enumerate() {
        let ended = handle.join().unwrap_or_else(|_| {
            Err(ServerError::HandlerPanicked { thread, message: "while it was dropped".to_owned() })
        });
        if let Err(error) = ended {
            failure.get_or_insert(error);
        }
    }
    failure.map_or(Ok(()), Err)
}
