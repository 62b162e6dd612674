//! What a port tells of itself and of its threads: what the system does not tell is 0.

use std::sync::atomic::Ordering;

use super::core::PortCore;
use super::seat::Standing;
use crate::port::counters::PortCounters;
use crate::port::monitor::MonitorState;
use crate::queue::HeldRight;

impl PortCore {
    pub(in crate::port) fn held_rights(&self) -> Vec<HeldRight> {
        let rights: Vec<HeldRight> = self.queues.ask(|queue| queue.held());
        let seats = self.seats();
        let is_blocked = |thread: u32| {
            seats.iter().any(|seat| seat.number == thread && seat.standing() == Standing::Blocked)
        };
        rights.into_iter().map(|right| HeldRight { blocked: is_blocked(right.thread), ..right }).collect()
    }

    pub(in crate::port) fn counters(&self) -> PortCounters {
        let (mut running, mut waiting, mut blocked) = (0, 0, 0);
        let seats = self.seats();
        for seat in seats.iter() {
            match seat.standing() {
                Standing::Running => running += 1,
                Standing::Waiting => waiting += 1,
                Standing::Blocked => blocked += 1,
                Standing::Outside => {}
            }
        }
        PortCounters {
            concurrency: self.concurrency,
            threads: seats.len(),
            running,
            waiting,
            blocked,
            released: 0,
            released_by_monitor: 0,
            queued: self.places.count(),
            dropped: self.dropped.load(Ordering::Relaxed),
            monitor: MonitorState::System,
            monitor_ticks: 0,
        }
    }
}
