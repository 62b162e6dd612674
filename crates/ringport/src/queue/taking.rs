//! Completions on their way out of a queue.

use std::io;
use std::time::Duration;

use super::closing::forget_if_done;
use super::completions::Completions;
use super::core::Core;
use crate::backend::contract::{Completion, Effort, Table};
use crate::memory::Use;

/// How many dequeues in a row may leave the kernel alone: one for the sends of a batch, one that finds nothing.
const MOST_UNASKED: u32 = 2;

impl Core {
    /// Puts due sends of `key` on the wire.
    pub(super) fn flush(&mut self, key: u32) {
        self.collect();
        let Some(attachment) = self.table.get_mut(key) else { return };
        self.backend.flush(key, attachment, &mut self.scratch);
        self.ready.extend(self.scratch.drain(..));
    }

    /// Moves what the kernel has completed so far behind what is ready, to keep the order.
    pub(super) fn collect(&mut self) {
        self.backend.reap(&mut self.table, &mut self.scratch, usize::MAX, Effort::Memory);
        self.ready.extend(self.scratch.drain(..));
        self.part();
    }

    /// Fills `out` with completions, oldest first.
    pub(super) fn dequeue(&mut self, out: &mut Completions) -> usize {
        let room = out.room();
        let entries = out.entries_mut();
        let before = entries.len();
        self.prepare();
        let early = room.min(self.ready.len());
        entries.extend(self.ready.drain(..early));
        if early < room {
            // While it pays to gather, a queue that was emptied since the last wait is left alone until
            // the next: entering the kernel for each datagram as it comes is what gathering avoids.
            // But only so often: whoever sends in every turn would never receive otherwise.
            let worth = early > 0 || self.gathering.pays();
            let known_empty = self.emptied && worth && self.unasked < MOST_UNASKED;
            let effort = if known_empty { Effort::Memory } else { Effort::Kernel };
            let count = self.backend.reap(&mut self.table, entries, room - early, effort);
            // Once: who asks again without a wait in between is answered by the kernel.
            let unanswered = known_empty && early + count == 0;
            self.unasked = if known_empty { self.unasked + 1 } else { 0 };
            self.emptied = !unanswered && count < room - early;
        }
        self.part();
        if !self.backend.dry().is_empty() {
            self.wait_for_pools();
        }
        let taken = entries.get(before..).unwrap_or_default();
        self.received += release(&mut self.table, &mut self.reserved, taken);
        taken.len()
    }

    /// Whether a completion that notifies is there, looking as far as needed to know.
    pub(super) fn notifiable(&mut self) -> bool {
        if self.notifiable_in_user_space() {
            return true;
        }
        let most = self.backend.lookahead();
        loop {
            let count = self.backend.reap(&mut self.table, &mut self.scratch, most, Effort::Known);
            self.part();
            if count == 0 {
                return false;
            }
            self.emptied = count < most;
            let found = self.scratch.iter().any(|completion| completion.notifies);
            self.ready.extend(self.scratch.drain(..));
            if found {
                return true;
            }
        }
    }

    /// As [`notifiable`](Core::notifiable), and if nothing is known of, asks the kernel without sleeping.
    pub(super) fn notifiable_now(&mut self) -> io::Result<bool> {
        if self.notifiable() {
            return Ok(true);
        }
        self.backend.wait(&mut self.table, Some(Duration::ZERO), Duration::ZERO)?;
        self.prepare();
        Ok(self.notifiable())
    }

    /// Whether a completion that notifies is in `ready`.
    pub(super) fn notifiable_in_user_space(&self) -> bool {
        self.ready.iter().any(|completion| completion.notifies)
    }
}

/// Frees the places of completions that leave the queue; returns how many of them are receives. Completions
/// of one socket and direction usually follow each other, and are counted before they are written off.
#[inline]
pub(super) fn release(table: &mut Table, reserved: &mut usize, completions: &[Completion]) -> u64 {
    let same = |a: &Completion, b: &Completion| a.key == b.key && a.operation == b.operation;
    let mut receives = 0;
    for run in completions.chunk_by(same) {
        let Some(first) = run.first() else { continue };
        if first.operation.is_inward() {
            receives += run.len() as u64;
        } else {
            run.iter().for_each(|completion| completion.payload.mark(Use::Held));
        }
        let Some(attachment) = table.get_mut(first.key) else { continue };
        attachment.release(first.operation, run.len() as u32);
        if attachment.closed {
            forget_if_done(table, reserved, first.key);
        }
    }
    receives
}
