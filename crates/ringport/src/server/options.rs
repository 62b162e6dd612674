//! What a server was asked to be, checked once.

use std::net::{IpAddr, SocketAddr};

use super::design::{Design, sharded};
use super::error::ServerError;
use super::local_address::LocalAddress;
use crate::backend::BackendChoice;
use crate::memory::{
    BufferPoolBuilder, HugePages, Lock, MAXIMUM_REGIONS, MAXIMUM_SLICES, MemoryError, PoolFamily,
};
use crate::net::{self, DontFragment, Interface};
use crate::queue::{Limits, Waiting};

/// Receives that a thread keeps posted, unless told otherwise. Slices are used in turn, so more of them than fit
/// into the processor's cache make each datagram dearer; what comes meanwhile waits in the socket.
pub(super) const PENDING: usize = 256;
/// The same where threads share them and a pump gathers for them: what several batches need.
const PENDING_ON_PORT: usize = 2048;
/// The same with receive offload, where each has a slice for a run of datagrams: one for a thread, and one for a socket
/// that threads share.
const RUNS_PENDING: usize = 64;
const RUNS_PENDING_ON_PORT: usize = 128;
/// The least of them on each of many sockets.
const LEAST_PENDING: usize = 16;
const LEAST_RUNS_PENDING: usize = 4;
/// Sends for each of those. A run may be answered by as many different replies as it has datagrams; what is beyond
/// leaves at once, with a system call of its own.
const SENDS_PER_RUN: usize = 16;
/// Bytes of a slice for a run: more than the kernel hands over at a time.
const RUN_SIZE: usize = 65_536;
/// Slices of a region for datagrams beside those for runs.
const COPIES: usize = 256;
/// Payload bytes of a slice, unless told otherwise: any datagram that an Ethernet carries in one piece.
pub(super) const SLICE_SIZE: usize = 2048;
/// The most completions of a dequeue, unless told otherwise.
pub(super) const MAX_RESULTS: usize = 128;
/// The same where other threads take the next batch meanwhile.
const MAX_RESULTS_ON_PORT: usize = 1000;
/// Bytes asked for as the socket's receive buffer, unless told otherwise.
pub(super) const SOCKET_BUFFER: usize = 4 * 1024 * 1024;
/// A thread's pool grows to so many times `pending` slices, for kept buffers and copies.
pub(super) const MOST_REGIONS: usize = 8;
/// Slices of a region where receives are not posted: a blocking thread uses one, its handler may keep some.
const BLOCKING_SLICES: usize = 64;
/// The same with runs of datagrams.
const BLOCKING_RUNS: usize = 8;
const MOST_PENDING: usize = 1 << 20;
const LARGEST_DATAGRAM: usize = 65_536;
const MOST_THREADS: usize = 1024;
/// A queue is a thread and a ring of its own.
const MOST_QUEUES: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) design: Design,
    /// To which it is bound, each with sockets of its own.
    pub(super) addresses: usize,
    pub(super) threads: Option<usize>,
    pub(super) backend: BackendChoice,
    pub(super) socket_buffer: usize,
    pub(super) pending: Option<usize>,
    pub(super) max_results: Option<usize>,
    pub(super) concurrency: usize,
    pub(super) queues: usize,
    pub(super) threshold: Option<usize>,
    pub(super) ordered: bool,
    pub(super) waiting: Waiting,
    pub(super) slice_size: usize,
    pub(super) receive_offload: Option<bool>,
    pub(super) lock: Lock,
    pub(super) huge_pages: HugePages,
    pub(super) processors: Vec<usize>,
    pub(super) local_address: LocalAddress,
    pub(super) ecn: bool,
    pub(super) timestamps: bool,
    pub(super) dont_fragment: DontFragment,
    pub(super) groups: Vec<(IpAddr, Interface)>,
    pub(super) on_signals: bool,
    pub(super) name: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            design: Design::default(),
            addresses: 1,
            threads: None,
            backend: BackendChoice::Automatic,
            socket_buffer: SOCKET_BUFFER,
            pending: None,
            max_results: None,
            concurrency: 0,
            queues: 1,
            threshold: None,
            ordered: false,
            waiting: Waiting::default(),
            slice_size: SLICE_SIZE,
            receive_offload: None,
            lock: Lock::Preferred,
            huge_pages: HugePages::Off,
            processors: Vec::new(),
            local_address: LocalAddress::default(),
            ecn: false,
            timestamps: false,
            dont_fragment: DontFragment::Off,
            groups: Vec::new(),
            on_signals: false,
            name: "ringport".to_owned(),
        }
    }
}

impl Options {
    /// Refuses what is not possible, naming the option.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        let range = |option, asked: usize, least: usize, most: usize| {
            let good = (least..=most).contains(&asked);
            if good { Ok(()) } else { Err(refused(option, asked, format!("{least} to {most}"))) }
        };
        self.check_system()?;
        range("threads", self.threads(), 1, MOST_THREADS)?;
        if self.threads() > 1 && !self.design.takes_threads() {
            let design = self.design;
            let allowed = format!("1 for {design}; for more threads choose {}", design.with_threads());
            return Err(refused("threads", self.threads(), allowed));
        }
        if !self.design.has_backend() && self.threads() < self.addresses {
            let allowed = format!(
                "{} or more for {} on so many addresses, for each of its threads waits on one socket",
                self.addresses, self.design
            );
            return Err(refused("threads", self.threads(), allowed));
        }
        range("pending", self.pending(), 1, MOST_PENDING)?;
        range("max_results", self.max_results(), 1, MOST_PENDING)?;
        range("concurrency", self.concurrency, 0, MOST_THREADS)?;
        range("queues", self.queues, 1, MOST_QUEUES)?;
        if self.queues > 1 && !self.design.has_queues() {
            let allowed =
                format!("1 for {}: only registered-port, hybrid and their like have more", self.design);
            return Err(refused("queues", self.queues, allowed));
        }
        range("threshold", self.threshold(), 1, MOST_PENDING)?;
        range("slice_size", self.slice_size, 1, LARGEST_DATAGRAM)?;
        range("socket_buffer", self.socket_buffer, 1, i32::MAX as usize)?;
        if self.name.contains('\0') {
            return Err(refused("name", format!("{:?}", self.name), "any text without a zero byte".into()));
        }
        Ok(())
    }

    /// Refuses what this system does not have.
    fn check_system(&self) -> Result<(), ServerError> {
        if let Some(why) = self.design.refusal() {
            return Err(refused("design", self.design, format!("{}, for {why}", self.design.instead())));
        }
        if !sharded::SPREADS && self.queues > self.addresses {
            let allowed = format!("1 to {}, an address each, on this system", self.addresses);
            return Err(refused("queues", self.queues, allowed));
        }
        Ok(())
    }

    /// How many threads there will be.
    pub(super) fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(|| match self.design {
            design if design.is_sharded() => processors().max(self.least_threads()),
            design if design.is_on_port() && design.takes_threads() => 2 * processors(),
            _ => self.least_threads(),
        })
    }

    /// A blocking thread serves one socket.
    fn least_threads(&self) -> usize {
        if self.design.has_backend() { 1 } else { self.addresses }
    }

    /// Sockets in all.
    pub(super) fn sockets(&self) -> usize {
        let rows = match self.design {
            Design::ShardedBlocking => return self.threads(),
            design if design.is_sharded() => self.threads(),
            // So many that no queue is without.
            _ => self.queues.div_ceil(self.addresses),
        };
        rows * self.addresses
    }

    /// Sockets on the address of this number: they go round.
    pub(super) fn sockets_on(&self, number: usize) -> usize {
        self.sockets().saturating_sub(number).div_ceil(self.addresses)
    }

    /// Whether the kernel hands over runs of datagrams.
    pub(super) fn offload(&self) -> bool {
        self.receive_offload.unwrap_or_else(|| self.design.is_registered() && net::gro_supported())
    }

    /// Receives that are kept posted on each socket. By default those of one address are shared out among several.
    pub(super) fn pending(&self) -> usize {
        self.pending.unwrap_or_else(|| {
            let (of_one, least) = match (self.design.has_queues(), self.offload()) {
                (false, false) => (PENDING, LEAST_PENDING),
                (true, false) => (PENDING_ON_PORT, LEAST_PENDING),
                (false, true) => (RUNS_PENDING, LEAST_RUNS_PENDING),
                (true, true) => (RUNS_PENDING_ON_PORT, LEAST_RUNS_PENDING),
            };
            of_one.div_ceil(self.addresses).max(least)
        })
    }

    /// The most completions of a dequeue.
    pub(super) fn max_results(&self) -> usize {
        self.max_results.unwrap_or_else(|| match (self.design.has_queues(), self.offload()) {
            (false, _) => MAX_RESULTS,
            (true, false) => MAX_RESULTS_ON_PORT,
            // There are never more at a time.
            (true, true) => self.pending(),
        })
    }

    /// The results of a batch from which on `hybrid` lets another thread join in.
    pub(super) fn threshold(&self) -> usize {
        self.threshold.unwrap_or(self.max_results() - self.max_results() / 3)
    }

    /// Copies that may be under way on each socket.
    pub(super) fn copies(&self) -> usize {
        let of_one = if self.design.has_queues() { PENDING_ON_PORT } else { PENDING };
        self.pending.unwrap_or(of_one.div_ceil(self.addresses).max(LEAST_PENDING))
    }

    /// The limits of a request queue. Every receive may become a reply, and copies may be under way.
    pub(super) fn limits(&self) -> Limits {
        let replies = self.pending() * if self.offload() { SENDS_PER_RUN } else { 1 };
        let sends = (replies + self.copies()) as u32;
        Limits { receives: self.pending() as u32, receive_buffers: 1, sends, send_buffers: 1 }
    }

    /// Places in a completion queue for one socket.
    pub(super) fn places(&self) -> usize {
        let Limits { receives, sends, .. } = self.limits();
        (receives + sends) as usize
    }

    /// Whether the kernel is asked for the local address of each datagram on a socket bound to `local`.
    pub(super) fn asks_for_local(&self, local: SocketAddr) -> bool {
        match self.local_address {
            LocalAddress::WhenUnknown => local.ip().is_unspecified(),
            LocalAddress::Always => true,
            LocalAddress::Never => false,
        }
    }

    /// The memory of one thread, or of all where they share it: slices to receive into, and to copy datagrams to. They
    /// are the same, unless runs of datagrams are received, which take large ones. It begins with a slice for each
    /// receive, in one region if they fit.
    pub(super) fn memory(&self, receives: usize) -> Result<PoolFamily, MemoryError> {
        let (size, blocking) = match self.offload() {
            true => (RUN_SIZE, BLOCKING_RUNS),
            false => (self.slice_size, BLOCKING_SLICES),
        };
        let receives = if self.design.has_backend() { receives } else { blocking };
        let family = PoolFamily::builder().size(size, |pool| self.pool(pool, receives));
        let family = match size == self.slice_size {
            true => family,
            false => family.size(self.slice_size, |pool| self.pool(pool, COPIES)),
        };
        family.build()
    }

    fn pool(&self, builder: BufferPoolBuilder, slices: usize) -> BufferPoolBuilder {
        let regions = slices.div_ceil(MAXIMUM_SLICES).max(1);
        builder
            .slices_per_region(slices.div_ceil(regions))
            .regions(regions..=(MOST_REGIONS * regions).min(MAXIMUM_REGIONS))
            .lock(self.lock)
            .huge_pages(self.huge_pages)
    }
}

fn refused(option: &'static str, asked: impl ToString, allowed: String) -> ServerError {
    ServerError::Option { option, asked: asked.to_string(), allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_begins_with_a_slice_for_each_receive_however_many() {
        for (pending, regions, slices) in [(1, 1, 1), (65_536, 1, 65_536), (65_537, 2, 65_538)] {
            let design = Design::Event;
            let receive_offload = Some(false);
            let options =
                Options { design, slice_size: 1, receive_offload, lock: Lock::Off, ..Options::default() };
            let figures = options.memory(pending).unwrap().pools()[0].figures();
            assert_eq!((figures.regions, figures.slices), (regions, slices), "{pending}");
        }
    }
}
