//! The measuring handler of one thread, and the place where the threads' results come together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::allocator;
use crate::clock;
use crate::latency::Latencies;
use crate::payload::Seen;

use super::totals::{Moment, Totals};
use super::work::Work;

/// Calls timed to tell the cost of one.
const TIMED: u32 = 200_000;

/// What one thread saw.
struct Record {
    datagrams: u64,
    bytes: u64,
    /// Datagrams that no generator of ours sent.
    foreign: u64,
    /// When the first and the last came, and the process's allocations at these moments.
    first: u64,
    last: u64,
    allocations_first: u64,
    allocations_last: u64,
    latencies: Latencies,
}

/// A count that its thread writes and the control thread reads, on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Live(AtomicU64);

/// The results of all threads.
#[derive(Clone, Default)]
pub(crate) struct Collection(Arc<Shared>);

#[derive(Default)]
struct Shared {
    live: Mutex<Vec<Arc<Live>>>,
    records: Mutex<Vec<Record>>,
}

impl Collection {
    /// A handler for one more thread, doing `work` units a datagram.
    pub(crate) fn probe(&self, work: u32) -> Probe {
        let live = Arc::new(Live::default());
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&live));
        let record = Record {
            datagrams: 0,
            bytes: 0,
            foreign: 0,
            first: 0,
            last: 0,
            allocations_first: 0,
            allocations_last: 0,
            latencies: Latencies::new(),
        };
        Probe { record: Some(record), live, collection: self.clone(), work: Work::new(), units: work }
    }

    /// Datagrams of all threads so far; allocates nothing.
    pub(crate) fn count(&self) -> u64 {
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.iter().map(|live| live.0.load(Ordering::Relaxed)).sum()
    }

    /// All of the threads that have ended together.
    pub(crate) fn totals(&self) -> Totals {
        let records = self.0.records.lock().unwrap_or_else(PoisonError::into_inner);
        let mut latencies = Latencies::new();
        records.iter().for_each(|record| latencies.add(&record.latencies));
        let busy = || records.iter().filter(|record| record.datagrams > 0);
        let first = busy().map(|it| Moment { at: it.first, allocations: it.allocations_first });
        let last = busy().map(|it| Moment { at: it.last, allocations: it.allocations_last });
        Totals {
            datagrams: records.iter().map(|record| record.datagrams).sum(),
            bytes: records.iter().map(|record| record.bytes).sum(),
            foreign: records.iter().map(|record| record.foreign).sum(),
            ends: Moment::ends(first, last),
            latency_us: latencies.percentiles(),
        }
    }
}

/// The measuring handler of one thread. It hands its record in when its thread is done with it.
pub(crate) struct Probe {
    record: Option<Record>,
    live: Arc<Live>,
    collection: Collection,
    work: Work,
    units: u32,
}

impl Probe {
    /// Sees one datagram. No lock, no system call, no allocation: the clock is read without entering the kernel.
    #[inline]
    pub(crate) fn see(&mut self, payload: &[u8]) {
        let Some(record) = &mut self.record else { return };
        let now = clock::now();
        let allocations = allocator::allocations();
        if record.datagrams == 0 {
            (record.first, record.allocations_first) = (now, allocations);
        }
        (record.last, record.allocations_last) = (now, allocations);
        record.datagrams += 1;
        record.bytes += payload.len() as u64;
        match Seen::read(payload) {
            Some(Seen { sent: Some(sent), .. }) => record.latencies.record(now.saturating_sub(sent)),
            Some(_) => {}
            None => record.foreign += 1,
        }
        self.live.0.store(record.datagrams, Ordering::Relaxed);
        self.work.run(self.units);
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let records = &self.collection.0.records;
        records.lock().unwrap_or_else(PoisonError::into_inner).extend(self.record.take());
    }
}

/// What the measuring itself costs a datagram, in nanoseconds: the same for every design, and part of its figure.
pub(crate) fn cost() -> f64 {
    let mut probe = Collection::default().probe(0);
    let payload = [0; 64];
    let start = clock::now();
    for _ in 0..TIMED {
        probe.see(std::hint::black_box(&payload));
    }
    (clock::now() - start) as f64 / f64::from(TIMED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Header;

    #[test]
    fn records_come_together_when_the_threads_end() {
        let collection = Collection::default();
        let mut payload = [0; 32];
        Header { sequence: 0, flow: 0, sent: clock::now() }.write(&mut payload);
        let (mut one, mut other) = (collection.probe(0), collection.probe(3));
        one.see(&payload);
        one.see(b"somebody else's");
        other.see(&payload);
        other.see(&[]);
        assert_eq!(collection.count(), 4);
        drop((one, other));
        let totals = collection.totals();
        assert_eq!((totals.datagrams, totals.foreign, totals.bytes), (4, 1, 64 + 15));
        let (first, last) = totals.ends.unwrap();
        assert!(first.at > 0 && first.at <= last.at && first.allocations <= last.allocations);
        assert_eq!(totals.latency_us.unwrap().count, 2);
    }
}
