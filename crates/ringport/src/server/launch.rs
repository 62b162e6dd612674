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
use super::shared::Shared;
use super::signals::Watch;
use super::sockets::{Bound, Place, Sockets};
use super::stop::{Alarm, StopReason};
use super::thread::Post;
use super::waits::Ender;
use crate::backend::{self, BackendKind};
use crate::net::{self, DontFragment, UdpSocket};

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
        let ender = self.ender()?;
        let sites = (0..threads).map(|thread| self.site(thread)).collect::<Result<Vec<_>, _>>()?;
        let gate = Gate::new(threads);
        let begun = thread::scope(|scope| {
            let mut running = Vec::with_capacity(threads);
            let mut failure = None;
            for ((thread, notes), site) in board.threads().enumerate().zip(sites) {
                let arrival = gate.arrival();
                let post = Post {
                    options: &self.options,
                    site,
                    sockets: self.sockets_of(thread),
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
        drop((watch, ground, ender));
        board.unshare();
        let begun = begun?;
        let counters = counters(&self.shared);
        // A thread may have had to step down.
        let ran_on =
            counters.threads.iter().find_map(|thread| thread.backend.filter(|ran| backend != Some(*ran)));
        let (backend, backend_reason) = match ran_on {
            Some(ran) if !self.options.design.is_registered() => (Some(ran), backend_reason),
            Some(ran) => {
                let needy = backend::IN_NEED;
                (Some(ran), format!("{}{}", needy.reason, needy.hint))
            }
            None => (backend, backend_reason),
        };
        Ok(Report {
            local_addr: self.shared.local,
            local_addrs: self.shared.locals(),
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
            return Ok((Some(backend::PLAIN.kind), backend::PLAIN.reason.to_owned()));
        }
        let explained = backend::explain(self.options.backend)?;
        Ok((Some(explained.kind), explained.reason))
    }

    /// Opens what is missing and sets all sockets up; returns the receive buffer that each was granted, the least.
    fn open_sockets(&self) -> Result<usize, ServerError> {
        let (options, design) = (&self.options, self.options.design);
        let firsts = self.sockets.bound();
        let mut granted = usize::MAX;
        for socket in &firsts {
            granted = granted.min(socket.set_receive_buffer(options.socket_buffer)?);
        }
        let mut columns = Vec::with_capacity(firsts.len());
        for (number, first) in firsts.into_iter().enumerate() {
            let more = options.sockets_on(number) - 1;
            let mut column = Vec::new();
            if more > 0 || design.is_sharded() {
                column = sharded::open(&first, more, options.socket_buffer)?;
            }
            column.insert(0, first);
            columns.push(column.into_iter());
        }
        let mut all = Vec::with_capacity(options.sockets());
        while all.len() < options.sockets() {
            let row = columns.iter_mut().map(Iterator::next).enumerate();
            for (number, socket) in row.filter_map(|(number, socket)| Some((number, socket?))) {
                all.push(self.set_up(number, socket)?);
            }
        }
        for (group, interface) in &options.groups {
            self.sockets.first().join_multicast(*group, *interface)?;
        }
        self.sockets.settle(all);
        self.shared.stopping().sockets_opened(&self.sockets, !design.has_backend());
        Ok(granted)
    }

    /// What ends the waits of blocking threads, where the system needs help with it.
    fn ender(&self) -> Result<Option<Ender>, ServerError> {
        if self.options.design.has_backend() {
            return Ok(None);
        }
        let begun = Ender::begin(&self.sockets, &self.shared, &self.options.name);
        begun.map_err(|source| ServerError::System { what: "starting a server thread", source })
    }

    fn set_up(&self, number: usize, socket: UdpSocket) -> Result<Bound, ServerError> {
        let local = socket.local_addr()?;
        let options = &self.options;
        options.ask(&socket, local)?;
        let offload = options.offload();
        // A kernel that knows nothing of it has it off.
        if offload || net::gro_supported() {
            socket.receive_offload(offload)?;
        }
        let (tells_local, asks) = (options.asks_for_local(local), options.asks_for_control(local));
        Ok(Bound { socket, place: Place { number, local, tells_local, asks } })
    }

    fn sockets_of(&self, thread: usize) -> &[Bound] {
        self.sockets.of_thread(self.options.design, self.options.addresses, thread)
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

    /// A thread's place, at the first of its sockets.
    fn site(&self, thread: usize) -> Result<Site, ServerError> {
        let bound = self.sockets_of(thread).first().ok_or(ServerError::Ended)?;
        Ok(Site {
            shared: Arc::clone(&self.shared),
            thread,
            place: bound.place,
            offload: self.options.offload(),
            whole: self.options.dont_fragment != DontFragment::Off,
            longest: self.options.slice_size as u32,
        })
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
