//! What a port tells of itself and of its threads: what the system does not tell is 0.

use std::sync::Weak;
use std::sync::atomic::Ordering;

use super::core::PortCore;
use super::seat::Standing;
use crate::port::counters::PortCounters;
use crate::port::monitor::MonitorState;
use crate::queue::{HeldRight, Holder};

impl PortCore {
    pub(in crate::port) fn held_rights(&self) -> Vec<HeldRight> {
        let held = |queue: &Weak<dyn Holder>| queue.upgrade().and_then(|queue| queue.held());
        let rights: Vec<HeldRight> = self.queues().iter().filter_map(held).collect();
        let seats = self.seats();
        let is_blocked = |thread: u32| {
            seats.iter().any(|seat| seat.number == thread && seat.standing() == Standing::Blocked)
        };
        rights.into_iter().map(|right| HeldRight { blocked: is_blocked(right.thread), ..right }).collect()
    }

    pub(in crate::port) fn counters(&self) -> PortCounters {
        let seats = self.seats();
        let count = |standing: Standing| seats.iter().filter(|seat| seat.standing() == standing).count();
        PortCounters {
            concurrency: self.concurrency,
            threads: seats.len(),
            running: count(Standing::Running),
            waiting: count(Standing::Waiting),
            blocked: count(Standing::Blocked),
            released: 0,
            released_by_monitor: 0,
            queued: self.places.count(),
            dropped: self.dropped.load(Ordering::Relaxed),
            monitor: MonitorState::System,
            monitor_ticks: 0,
        }
    }
}
