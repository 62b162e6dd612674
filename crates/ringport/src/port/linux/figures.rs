//! What a port tells of itself and of its threads.

use std::sync::{Arc, Weak};

use super::Seat;
use super::core::PortCore;
use super::seat::Standing;
use crate::port::counters::PortCounters;
use crate::queue::{HeldRight, Holder};

impl PortCore {
    pub(in crate::port) fn held_rights(&self) -> Vec<HeldRight> {
        let blocked = |right: HeldRight| {
            let standing = |seat: &Arc<Seat>| (seat.number == right.thread).then(|| seat.standing());
            let standing = self.scheduler.read(|state| state.seats.iter().find_map(standing));
            HeldRight { blocked: matches!(standing, Some(Standing::Blocked | Standing::Released)), ..right }
        };
        let held = |queue: &Weak<dyn Holder>| queue.upgrade().and_then(|queue| queue.held());
        self.queues().iter().filter_map(held).map(blocked).collect()
    }

    pub(in crate::port) fn counters(&self) -> PortCounters {
        self.scheduler.read(|state| PortCounters {
            concurrency: state.limit,
            threads: state.seats.len(),
            running: state.running,
            waiting: state.sleepers.len() + state.pollers,
            blocked: state.blocked,
            released: state.released,
            released_by_monitor: state.releases,
            queued: state.packets.len(),
            dropped: state.dropped,
            monitor: self.monitor.state(),
            monitor_ticks: self.monitor.ticks(),
        })
    }
}
