//! What a TCP server was asked to be, checked once.

use std::time::Duration;

use super::assembly::Assembly;
use crate::backend::BackendChoice;
use crate::memory::{BufferPool, HugePages, Lock, MAXIMUM_REGIONS, MAXIMUM_SLICES, MemoryError};
use crate::queue::{Limits, Waiting};
use crate::server::design::Design;
use crate::server::design::sharded::SPREADS;
use crate::server::error::ServerError;

/// Payload bytes of a slice, unless told otherwise: a message of 16 KiB with what frames it, and room to spare. A receive
/// that is not full has emptied the socket, which spares a call that would find nothing.
const SLICE_SIZE: usize = 20 * 1024;
const MAX_CONNECTIONS: usize = 1024;
const LARGEST_REPLY: usize = 16 * 1024;
/// The most completions of a dequeue: few, whose slices are in the processor's cache when they are handled.
const MAX_RESULTS: usize = 16;
/// The same on a port, where a thread that takes a batch may hand on the right to the next.
const MAX_RESULTS_ON_PORT: usize = 256;
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// Accepts that each thread, or each queue on a port, keeps posted.
pub(super) const ACCEPTS: u32 = 64;
/// Slices of a region, unless there are to be more of them than regions: few, that stay in the processor's cache.
const SLICES_PER_REGION: usize = 64;
const MOST_CONNECTIONS: usize = 1 << 20;
const MOST_THREADS: usize = 1024;
/// From so many results of a batch on the hybrid design lets another thread join in.
const THRESHOLD: usize = 128;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) design: Design,
    pub(super) threads: Option<usize>,
    pub(super) concurrency: usize,
    pub(super) threshold: usize,
    pub(super) backend: BackendChoice,
    pub(super) max_connections: usize,
    pub(super) slice_size: usize,
    pub(super) largest_reply: usize,
    pub(super) spare_slices: usize,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) message_timeout: Option<Duration>,
    pub(super) close_timeout: Duration,
    pub(super) stop_timeout: Duration,
    pub(super) no_delay: bool,
    pub(super) lock: Lock,
    pub(super) huge_pages: HugePages,
    pub(super) waiting: Waiting,
    pub(super) on_signals: bool,
    pub(super) name: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            design: Design::EventPolled,
            threads: None,
            concurrency: 0,
            threshold: THRESHOLD,
            backend: BackendChoice::Automatic,
            max_connections: MAX_CONNECTIONS,
            slice_size: SLICE_SIZE,
            largest_reply: LARGEST_REPLY,
            spare_slices: 0,
            idle_timeout: Some(IDLE_TIMEOUT),
            message_timeout: Some(MESSAGE_TIMEOUT),
            close_timeout: CLOSE_TIMEOUT,
            stop_timeout: STOP_TIMEOUT,
            no_delay: true,
            lock: Lock::Preferred,
            huge_pages: HugePages::Off,
            // Most peers wait for an answer before they send more, so that gathering only delays.
            waiting: Waiting::Latency,
            on_signals: false,
            name: "ringport".to_owned(),
        }
    }
}

/// What all connections of a server are held to.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) slice_size: usize,
    /// Slices of a message that is not whole yet.
    pub(super) read_slices: usize,
    /// Slices on their way out.
    pub(super) write_slices: usize,
    pub(super) largest_reply: usize,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) message_timeout: Option<Duration>,
    pub(super) close_timeout: Duration,
    pub(super) no_delay: bool,
    pub(super) max_connections: usize,
}

impl Terms {
    /// Slices that a connection reserves when it is accepted.
    pub(super) fn reserve(&self) -> usize {
        self.read_slices + self.write_slices
    }

    /// The limits of its request queue: a receive, its sends, and the end.
    pub(super) fn limits(&self) -> Limits {
        Limits { receives: 1, receive_buffers: 1, sends: self.write_slices as u32 + 1, send_buffers: 1 }
    }

    /// Places it takes in a completion queue.
    pub(super) fn places(&self) -> usize {
        let limits = self.limits();
        (limits.receives + limits.sends) as usize
    }
}

impl Options {
    /// Refuses what is not possible.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        let option = |option, asked: usize, most: usize| match (1..=most).contains(&asked) {
            true => Ok(()),
            false => {
                Err(ServerError::Option { option, asked: asked.to_string(), allowed: format!("1 to {most}") })
            }
        };
        option("threads", self.threads(), MOST_THREADS)?;
        option("max_connections", self.max_connections, MOST_CONNECTIONS)?;
        option("slice_size", self.slice_size, 1 << 24)?;
        option("largest_reply", self.largest_reply, 1 << 30)?;
        option("threshold", self.threshold, 1 << 20)?;
        if !self.design.serves_streams() {
            return Err(ServerError::Option {
                option: "design",
                asked: self.design.to_string(),
                allowed:
                    "one that serves streams: polled, event, event-polled, one of them after \"sharded-\", \
                          registered-port-1, registered-port or hybrid"
                        .to_owned(),
            });
        }
        if let Some(why) = self.design.refusal() {
            return Err(ServerError::Option {
                option: "design",
                asked: self.design.to_string(),
                allowed: format!("{}, for {why}", self.design.instead()),
            });
        }
        if self.threads() > 1 && !self.design.takes_threads() {
            return Err(ServerError::Option {
                option: "threads",
                asked: self.threads().to_string(),
                allowed: match SPREADS {
                    true => format!("1, for {} has one; take a sharded design or one on a port", self.design),
                    false => format!("1, for {} has one; take one on a port", self.design),
                },
            });
        }
        Ok(())
    }

    /// How many threads.
    pub(super) fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(|| match self.design {
            design if design.is_sharded() => processors(),
            design if design.is_on_port() && design.takes_threads() => 2 * processors(),
            _ => 1,
        })
    }

    /// What connections are held to, with messages of at most `longest` bytes.
    pub(super) fn terms(&self, longest: usize) -> Terms {
        Terms {
            slice_size: self.slice_size,
            read_slices: Assembly::slices_needed(longest, self.slice_size),
            // One reply on its way while the next is made, and what is left of a slice between them.
            write_slices: 2 * self.largest_reply.div_ceil(self.slice_size) + 1,
            largest_reply: self.largest_reply,
            idle_timeout: self.idle_timeout,
            message_timeout: self.message_timeout,
            close_timeout: self.close_timeout,
            no_delay: self.no_delay,
            max_connections: self.max_connections,
        }
    }

    /// The memory for so many connections: it grows as they need it, and never beyond their reserves and what is
    /// kept for all of them.
    pub(super) fn pool(
        &self,
        terms: &Terms,
        connections: usize,
        kept: usize,
    ) -> Result<BufferPool, MemoryError> {
        let most = connections * terms.reserve() + self.spare_slices + kept;
        let a_region = most.div_ceil(MAXIMUM_REGIONS).max(SLICES_PER_REGION.min(most)).min(MAXIMUM_SLICES);
        BufferPool::builder()
            .slice_size(self.slice_size)
            .slices_per_region(a_region)
            .regions(1..=most.div_ceil(a_region).max(1))
            .control(0)
            .lock(self.lock)
            .huge_pages(self.huge_pages)
            .build()
    }

    /// How many completions a thread takes at a time.
    pub(super) fn max_results(&self) -> usize {
        if self.design.is_on_port() { MAX_RESULTS_ON_PORT } else { MAX_RESULTS }
    }
}
