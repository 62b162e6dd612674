//! The end of a port.
//!
//! ```text
//!   close ─► nothing gets in ─► operations are cancelled ─► packets are taken and dropped ─► one thread is woken
//!                                                                                               │ wakes the next
//!                                                                                               ▼ while one waits
//! ```
//!
//! The system's port is open for as long as anybody has this: to close it under threads that come to wait would be to
//! let them wait on whatever gets its number next. So the end of the port is a flag, and packets that say to look at it.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::core::PortCore;
use super::seat::Standing;
use crate::backend::{PATIENCE, PacketRoom};

/// Packets that are dropped with one call when the port is closed.
const DROPPED_AT_ONCE: usize = 64;

impl PortCore {
    pub(in crate::port) fn close(&self) {
        let _closing = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        self.places.close();
        self.operations.close();
        let mut room = PacketRoom::new(DROPPED_AT_ONCE);
        // Threads that wait help with it. Whoever has taken a packet gives its place back in a moment.
        let (mut time, mut since, mut before) = (Duration::ZERO, Instant::now(), usize::MAX);
        loop {
            let left = self.places.count() + self.operations.left();
            if left < before {
                (before, since) = (left, Instant::now());
            }
            // Of an operation that no driver ends there is none. That was said when its handle was closed.
            if left == 0 || since.elapsed() >= PATIENCE {
                break;
            }
            let mut dropped = None;
            let taken = self.packets.take(&mut room, DROPPED_AT_ONCE, Some(time), |taken| {
                dropped = self.receive(taken, 0);
            });
            // The system's port is open, and fails for want of memory at most.
            time = if matches!(taken, Ok(false)) { Duration::ZERO } else { Duration::from_millis(1) };
        }
        self.wake_waiting();
    }

    /// Ends the wait of one thread, which does the same for the next.
    pub(super) fn wake_waiting(&self) {
        if self.seats().iter().any(|seat| seat.standing() == Standing::Waiting) {
            // Without memory for it the threads wait until a packet comes: that of the next thread that ends.
            let _ = self.packets.wake();
        }
    }
}
