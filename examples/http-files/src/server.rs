//! The server as a whole: opened, run, stopped.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ringport::memory::MemoryError;
use ringport::net::SocketError;
use ringport::port::PortError;
use ringport::{BackendChoice, BackendKind, CompletionPort, CompletionQueue, QueueError, StreamListener};

use crate::counters::Counters;
use crate::door::Door;
use crate::files::{Files, has_no_borders};
use crate::house::House;
use crate::limits::{ACCEPTS, Memory, PLACES, Times};
use crate::population::Population;
use crate::table::Table;
use crate::worker::{DOOR, Worker, key};

/// How often connections are looked at whose time may be over, at most and at least.
const TICKS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// How often while the server stops.
const LAST_TICKS: Duration = Duration::from_millis(20);
/// Completions that one queue may bring before it stands behind the others.
const RESULTS_PER_PACKET: usize = 512;

/// What a server is told.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) threads: usize,
    pub(crate) backend: BackendChoice,
    pub(crate) connections: u32,
    pub(crate) times: Times,
}

/// Why it does not serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error("{directory}: {source}")]
    Directory { directory: String, source: std::io::Error },
    #[error(
        "{directory}: this system cannot open files beneath a directory only (openat2, Linux 5.6): \
         allow it in the sandbox, or use a newer kernel"
    )]
    NoBorders { directory: String },
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// See the module.
pub(crate) struct Server {
    house: House,
    threads: usize,
    address: SocketAddr,
}

impl Server {
    /// Listens, and has all its memory.
    pub(crate) fn open(address: &str, directory: &Path, options: &Options) -> Result<Server, ServerError> {
        let named = || directory.display().to_string();
        let files = Files::new(directory).map_err(|source| match has_no_borders(&source) {
            true => ServerError::NoBorders { directory: named() },
            false => ServerError::Directory { directory: named(), source },
        })?;
        let listener = StreamListener::bind(address)?;
        let port = CompletionPort::builder().backend(options.backend).build()?;
        let count = options.threads.min(port.concurrency()).max(1);
        let share = options.connections.div_ceil(count as u32) * PLACES;
        let queue = |number: usize| {
            let places = share + if number == 0 { ACCEPTS } else { 0 };
            let builder = CompletionQueue::builder(places as usize).backend(options.backend);
            builder.results_per_packet(RESULTS_PER_PACKET).on(&port, number as u64)
        };
        let first = queue(0)?;
        let door = Door::new(&listener, &first, options.connections, DOOR)?;
        let mut queues = vec![first];
        for number in 1..count {
            queues.push(queue(number)?);
        }
        let address = listener.local_addr()?;
        let house = House {
            queues,
            door,
            table: Table::new(options.connections),
            port,
            memory: Memory::for_connections(options.connections)?,
            files,
            times: options.times,
            counters: Counters::default(),
            population: Population::default(),
            draining: AtomicBool::new(false),
        };
        Ok(Server { house, threads: options.threads.max(1), address })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What carries its connections.
    pub(crate) fn backend(&self) -> Option<BackendKind> {
        self.house.queues.first().map(ringport::PortQueue::backend)
    }

    /// Serves until `stop` says so or nobody is left who could, and then lets the answers under way end.
    pub(crate) fn run(self, stop: &Receiver<()>) -> Counters {
        let house = &self.house;
        thread::scope(|scope| {
            let spawn = |number| {
                let name = format!("http-files-{number}");
                thread::Builder::new().name(name).spawn_scoped(scope, || Worker::new(house).run())
            };
            let started = (0..self.threads).map(spawn).filter(Result::is_ok).count();
            if started > 0 {
                house.door.invite();
                tick_until(house, stop);
                drain(house);
            }
            for _ in 0..started {
                // Refused only by a port that is closed, and then they have ended.
                let _ = house.port.post(key::EXIT, 0);
            }
        });
        self.house.counters
    }
}

/// Has the time looked at now and then, while there are connections.
fn tick_until(house: &House, stop: &Receiver<()>) {
    let Times { head, idle, stall, .. } = house.times;
    let pace = (head.min(idle).min(stall) / 4).clamp(TICKS.0, TICKS.1);
    while stop.recv_timeout(pace) == Err(RecvTimeoutError::Timeout) {
        match house.population.is_empty() {
            // An accept that failed is posted again.
            true => house.door.invite(),
            false => tick(house),
        }
    }
}

/// Takes no more requests, and waits for the answers under way.
fn drain(house: &House) {
    let start = Instant::now();
    house.draining.store(true, Ordering::Relaxed);
    house.door.close();
    loop {
        // Those that wait for a request are closed by a look at the time.
        tick(house);
        if house.population.wait_until_empty(LAST_TICKS) || start.elapsed() >= house.times.drain {
            return;
        }
    }
}

fn tick(house: &House) {
    // A queue of packets that is full has one of these in it.
    let _ = house.port.post(key::TICK, 0);
}
