//! What the parts of one TCP server share: the stop, the figures, how many connections there are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::counters::{Notes, TcpCounters};
use crate::memory::{BufferPool, PoolFigures};
use crate::server::signals::Stoppable;
use crate::server::stop::{Stop, StopReason};

/// See the module.
#[derive(Debug)]
pub(in crate::server) struct Shared {
    pub(super) local: SocketAddr,
    stop: Stop,
    /// By thread, once there are threads.
    notes: OnceLock<Box<[Notes]>>,
    /// Connections there are, and the most there were.
    open: AtomicU64,
    most_open: AtomicU64,
    pools: Mutex<Pools>,
}

/// The memory while it is there, and its last figures.
#[derive(Debug, Default)]
struct Pools {
    here: Vec<BufferPool>,
    last: Vec<PoolFigures>,
}

impl Shared {
    pub(super) fn new(local: SocketAddr) -> Shared {
        Shared {
            local,
            stop: Stop::default(),
            notes: OnceLock::new(),
            open: AtomicU64::new(0),
            most_open: AtomicU64::new(0),
            pools: Mutex::default(),
        }
    }

    /// The notes of so many threads. A server runs once.
    pub(super) fn set_threads(&self, threads: usize) -> &[Notes] {
        self.notes.get_or_init(|| (0..threads).map(|_| Notes::default()).collect())
    }

    pub(super) fn stopping(&self) -> &Stop {
        &self.stop
    }

    /// Begins the orderly stop.
    pub(in crate::server) fn stop(&self, reason: StopReason) {
        self.stop.ask(None, reason);
    }

    /// Whether one more connection may be there; it is, then.
    pub(super) fn enter(&self, most: usize) -> bool {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        if before >= most as u64 {
            self.leave();
            return false;
        }
        self.most_open.fetch_max(before + 1, Ordering::Relaxed);
        true
    }

    /// One connection less.
    pub(super) fn leave(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A thread has this memory.
    pub(super) fn add_pool(&self, pool: &BufferPool) {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).here.push(pool.clone());
    }

    /// The threads have ended: the memory is let go, its figures stay.
    pub(super) fn let_pools_go(&self) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let figures: Vec<_> = pools.here.drain(..).map(|pool| pool.figures()).collect();
        pools.last = figures;
    }

    /// The figures as they stand.
    pub(super) fn counters(&self) -> TcpCounters {
        let mut sum = TcpCounters::default();
        self.notes.get().into_iter().flatten().for_each(|notes| notes.add_to(&mut sum));
        sum.open = self.open.load(Ordering::Relaxed);
        sum.most_open = self.most_open.load(Ordering::Relaxed);
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        for figures in pools.here.iter().map(BufferPool::figures).chain(pools.last.iter().cloned()) {
            sum.slices += figures.slices as u64;
            sum.slices_reserved += figures.reserved as u64;
            sum.slices_used += figures.used as u64;
            sum.slices_lowest_free += figures.lowest_free as u64;
            sum.slices_exhausted += figures.exhausted;
            sum.locked_bytes += figures.locked_bytes as u64;
            sum.registered_bytes += figures.registered_bytes as u64;
        }
        sum
    }
}

impl Stoppable for Shared {
    fn is_stopping(&self) -> bool {
        self.stop.reason().is_some()
    }

    fn stop(&self, reason: StopReason) {
        Shared::stop(self, reason);
    }
}
