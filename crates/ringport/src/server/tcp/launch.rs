//! From a listener to a report.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use super::connection::Message;
use super::framing::Framing;
use super::options::{Options, Terms};
use super::running::TcpReport;
use super::server::Arrived;
use super::serving::{Hub, Parts, Station};
use super::shared::Shared;
use crate::backend::{self, BackendChoice};
use crate::net::StreamListener;
use crate::notice;
use crate::server::design::Design;
use crate::server::error::ServerError;
use crate::server::gate::{Arrival, Gate};
use crate::server::signals::Watch;
use crate::server::stop::StopReason;
use crate::server::thread::guarded;

/// A server that is ready to be launched.
pub(super) struct Launch<F> {
    pub(super) options: Options,
    pub(super) listener: StreamListener,
    pub(super) shared: Arc<Shared>,
    pub(super) framing: F,
}

/// What all threads are started with.
struct Common<'server, M> {
    options: &'server Options,
    terms: Arc<Terms>,
    backend: BackendChoice,
    /// What the backend keeps of a pool for all connections.
    kept_slices: usize,
    listeners: Vec<StreamListener>,
    shared: &'server Arc<Shared>,
    make: &'server M,
}

impl<F: Framing + Clone> Launch<F> {
    /// Runs the server on threads of its own until it is stopped. `started` is called when all are ready.
    pub(super) fn run<M, H>(&self, make: &M, started: impl FnOnce()) -> Result<TcpReport, ServerError>
    where
        M: Fn(&Arrived) -> H + Sync,
        H: FnMut(Message<'_>) + Send,
    {
        let Launch { options, shared, framing, .. } = self;
        options.check()?;
        let backend = backend::for_streams(options.backend);
        let kind = backend::explain(backend)?.kind;
        let threads = options.threads();
        let notes = shared.set_threads(threads);
        let watch = options.on_signals.then(|| Watch::begin(Arc::clone(shared))).transpose();
        let watch = watch.map_err(|source| ServerError::System { what: "watching for signals", source })?;
        let common = Common {
            options,
            terms: Arc::new(options.terms(framing.longest())),
            backend,
            kept_slices: backend::shared_slices(kind),
            listeners: self.listeners()?,
            shared,
            make,
        };
        let hub = match options.design {
            Design::Hybrid => Some(common.hub(framing, options.threshold)?),
            design if design.is_on_port() => Some(common.hub(framing, 1)?),
            _ => None,
        };
        let gate = Gate::new(threads);
        let begun = thread::scope(|scope| {
            let mut running = Vec::with_capacity(threads);
            let mut failure = None;
            for (thread, notes) in notes.iter().enumerate() {
                let arrival = gate.arrival();
                // Made here: a framing is for one thread at a time.
                let framing = Mutex::new(framing.clone());
                let (common, hub) = (&common, hub.as_ref());
                let serve = move || {
                    let framing = framing.into_inner().unwrap_or_else(PoisonError::into_inner);
                    let served = match hub {
                        Some(hub) => serve_on_port(hub, thread, notes, arrival),
                        None => common.serve_alone(framing, thread, notes, arrival),
                    };
                    if served.is_err() {
                        common.shared.stop(StopReason::Failure);
                    }
                    served
                };
                let builder = thread::Builder::new().name(format!("{}-{thread}", options.name));
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
        shared.stopping().forget_alarms();
        drop((watch, hub));
        drop(common);
        shared.let_pools_go();
        let begun = begun?;
        Ok(TcpReport {
            local_addr: shared.local,
            design: options.design,
            backend: kind,
            stopped_by: shared.stopping().reason().unwrap_or(StopReason::Failure),
            ran: begun.elapsed(),
            counters: shared.counters(),
        })
    }

    /// The listeners: one, or in a sharded design one a thread, all of the same address.
    fn listeners(&self) -> Result<Vec<StreamListener>, ServerError> {
        let mut listeners = vec![self.listener.clone()];
        if self.options.design.is_sharded() && self.options.threads() > 1 {
            self.listener.share_port()?;
            let builder = StreamListener::builder().reuse_port(true);
            while listeners.len() < self.options.threads() {
                listeners.push(builder.bind(self.shared.local)?);
            }
        }
        Ok(listeners)
    }
}

impl<M> Common<'_, M> {
    /// What a desk is made of, with memory of its own.
    fn parts<F>(&self, framing: F, shard: usize) -> Result<Parts<F, &M>, ServerError> {
        // The kernel spreads connections by chance, so that one may get all of them.
        let places = self.options.max_connections;
        let memory = |source| ServerError::Memory { thread: shard, source };
        let pool = self.options.pool(&self.terms, places, self.kept_slices).map_err(memory)?;
        if let Some(refusal) = pool.lock_notice()
            && shard == 0
        {
            notice::say(&format!("running with memory that is not locked: {refusal}"));
        }
        self.shared.add_pool(&pool);
        Ok(Parts {
            framing,
            make: self.make,
            pool,
            terms: Arc::clone(&self.terms),
            shared: Arc::clone(self.shared),
            places,
            shard: shard as u32,
        })
    }

    fn hub<F: Framing + Clone, H: FnMut(Message<'_>)>(
        &self,
        framing: &F,
        threshold: usize,
    ) -> Result<Hub<F, &M, H>, ServerError>
    where
        M: Fn(&Arrived) -> H,
    {
        let parts = self.parts(framing.clone(), 0)?;
        let listener = self.listeners.first().ok_or(ServerError::Ended)?;
        Hub::open(self.options, self.backend, listener, parts, threshold)
    }

    fn serve_alone<F: Framing + Clone, H: FnMut(Message<'_>)>(
        &self,
        framing: F,
        thread: usize,
        notes: &super::counters::Notes,
        gate: Arrival<'_>,
    ) -> Result<(), ServerError>
    where
        M: Fn(&Arrived) -> H,
    {
        let parts = self.parts(framing, thread)?;
        let listener = self.listeners.get(thread).ok_or(ServerError::Ended)?;
        let failed = |source| ServerError::Queue { thread, source };
        let mut station =
            Station::open(self.options, self.backend, listener, parts, thread, notes).map_err(failed)?;
        if !gate.ready() {
            return Ok(());
        }
        guarded(thread, || station.serve())?
    }
}

fn serve_on_port<F: Framing + Clone, M: Fn(&Arrived) -> H, H: FnMut(Message<'_>)>(
    hub: &Hub<F, M, H>,
    thread: usize,
    notes: &super::counters::Notes,
    gate: Arrival<'_>,
) -> Result<(), ServerError> {
    if !gate.ready() {
        return Ok(());
    }
    guarded(thread, || hub.serve(thread, notes))?
}

/// Waits for all threads; the first failure is told.
fn join(
    threads: Vec<ScopedJoinHandle<'_, Result<(), ServerError>>>,
    failure: Option<ServerError>,
) -> Result<(), ServerError> {
    let mut failure = failure;
    for thread in threads {
        if let Err(error) = thread.join().unwrap_or(Err(ServerError::Ended)) {
            failure.get_or_insert(error);
        }
    }
    failure.map_or(Ok(()), Err)
}
