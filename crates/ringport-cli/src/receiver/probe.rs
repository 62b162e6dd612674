//! The measuring handler of one thread or connection, and the place where their results come together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::allocator;
use crate::clock;
use crate::latency::Latencies;
use crate::payload::Seen;

use super::work::Work;

/// Calls timed to tell the cost of one.
const TIMED: u32 = 200_000;

/// What one thread saw, or one connection brought.
pub(crate) struct Record {
    /// Datagrams, or whole messages.
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
    /// Datagrams that no generator of ours sent.
    pub(crate) foreign: u64,
    /// When the first and the last came, and the process's allocations at these moments.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) allocations_first: u64,
    pub(crate) allocations_last: u64,
    /// One way, of datagrams. The round trips of streams are known to the generator.
    pub(crate) latencies: Option<Latencies>,
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
        self.new_probe(work, Some(Latencies::new()))
    }

    /// A handler for one more connection, doing `work` units a message. It is small, since there may be thousands.
    pub(crate) fn stream_probe(&self, work: u32) -> Probe {
        self.new_probe(work, None)
    }

    fn new_probe(&self, work: u32, latencies: Option<Latencies>) -> Probe {
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
            latencies,
        };
        Probe { record: Some(record), live, collection: self.clone(), work: Work::new(), units: work }
    }

    /// Datagrams of all threads so far; allocates nothing.
    pub(crate) fn count(&self) -> u64 {
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.iter().map(|live| live.0.load(Ordering::Relaxed)).sum()
    }

    /// The records of the threads that have ended.
    pub(crate) fn with_records<R>(&self, look: impl FnOnce(&[Record]) -> R) -> R {
        look(&self.0.records.lock().unwrap_or_else(PoisonError::into_inner))
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
        let now = record.mark();
        record.datagrams += 1;
        record.bytes += payload.len() as u64;
        match (Seen::read(payload), &mut record.latencies) {
            (Some(Seen { sent: Some(sent), .. }), Some(latencies)) => {
                latencies.record(now.saturating_sub(sent));
            }
            (Some(_), _) => {}
            (None, _) => record.foreign += 1,
        }
        self.live.0.store(record.datagrams, Ordering::Relaxed);
        self.work.run(self.units);
    }

    /// Sees the next bytes of a stream of messages of `payload` bytes each, wherever it was cut.
    #[inline]
    pub(crate) fn pass(&mut self, bytes: &[u8], payload: u64) {
        let Some(record) = &mut self.record else { return };
        record.mark();
        record.bytes += bytes.len() as u64;
        let complete = record.bytes / payload;
        let more = complete - record.datagrams;
        record.datagrams = complete;
        self.live.0.store(complete, Ordering::Relaxed);
        for _ in 0..more {
            self.work.run(self.units);
        }
    }
}

impl Record {
    /// Notes that something came now.
    #[inline]
    fn mark(&mut self) -> u64 {
        let (now, allocations) = (clock::now(), allocator::allocations());
        if self.bytes == 0 && self.datagrams == 0 {
            (self.first, self.allocations_first) = (now, allocations);
        }
        (self.last, self.allocations_last) = (now, allocations);
        now
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
    timed(|payload| probe.see(payload))
}

/// The same of a message of a stream.
pub(crate) fn stream_cost() -> f64 {
    let mut probe = Collection::default().stream_probe(0);
    timed(|payload| probe.pass(payload, payload.len() as u64))
}

fn timed(mut one: impl FnMut(&[u8])) -> f64 {
    let payload = [0; 64];
    let start = clock::now();
    for _ in 0..TIMED {
        one(std::hint::black_box(&payload));
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
        collection.with_records(|records| {
            assert_eq!(records.iter().map(|record| record.datagrams).sum::<u64>(), 4);
            assert_eq!(records.iter().map(|record| record.foreign).sum::<u64>(), 1);
            assert_eq!(records.iter().map(|record| record.bytes).sum::<u64>(), 64 + 15);
            assert!(records.iter().all(|record| record.first <= record.last && record.first > 0));
            assert!(
                records
                    .iter()
                    .all(|record| record.latencies.as_ref().unwrap().percentiles().unwrap().count == 1)
            );
        });
    }

    #[test]
    fn messages_are_counted_wherever_the_stream_is_cut() {
        let collection = Collection::default();
        let mut probe = collection.stream_probe(0);
        for (bytes, complete) in [(3, 0), (7, 1), (25, 3), (4, 3), (1, 4)] {
            probe.pass(&vec![0; bytes], 10);
            assert_eq!(collection.count(), complete);
        }
        drop(probe);
        collection.with_records(|records| assert_eq!((records[0].bytes, records[0].datagrams), (40, 4)));
    }
}
