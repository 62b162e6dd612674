//! What came back of what was sent: which, how often, in which order, and after how long.

use std::collections::VecDeque;

use crate::latency::Latencies;
use crate::payload::Seen;

use super::pace::Pace;
use super::sequences::Sequences;

/// The replies of a run.
pub(crate) struct Replies {
    sequences: Sequences,
    latencies: Latencies,
    /// Sent and not known to be answered, oldest first; kept only where a limit on them has to be kept.
    waiting: VecDeque<(u64, u64)>,
    keeps_waiting: bool,
    pace: Option<Pace>,
    pub(crate) received: u64,
    /// Replies too short to say which datagram they answer.
    pub(crate) unnumbered: u64,
    /// Not answers to anything of ours.
    pub(crate) foreign: u64,
    /// Given up after the time-out.
    abandoned: u64,
}

impl Replies {
    /// With a pace, latency counts from the scheduled time: a reply that was held up because the generator itself
    /// was held up by earlier replies is as late as its user would find it (no coordinated omission).
    pub(crate) fn new(flows: u32, pace: Option<Pace>, closed_loop: bool) -> Self {
        Replies {
            sequences: Sequences::new(flows),
            latencies: Latencies::new(),
            waiting: VecDeque::new(),
            keeps_waiting: closed_loop,
            pace,
            received: 0,
            unnumbered: 0,
            foreign: 0,
            abandoned: 0,
        }
    }

    /// `count` datagrams from number `first` on were sent at `now`.
    pub(crate) fn sent(&mut self, first: u64, count: usize, now: u64) {
        if self.keeps_waiting {
            self.waiting.extend((first..first + count as u64).map(|sequence| (sequence, now)));
        }
    }

    /// A datagram came on `flow`, when `next` was the next number to send.
    pub(crate) fn take(&mut self, flow: usize, payload: &[u8], expected: usize, next: u64, now: u64) {
        let seen = match Seen::read(payload) {
            Some(seen) if payload.len() == expected => seen,
            _ => {
                self.foreign += 1;
                return;
            }
        };
        self.received += 1;
        let Some(sequence) = seen.sequence else {
            self.unnumbered += 1;
            return;
        };
        if sequence >= next {
            self.received -= 1;
            self.foreign += 1;
            return;
        }
        if !self.sequences.observe(flow, sequence) {
            return;
        }
        let start = self.pace.map(|pace| pace.due(sequence)).or(seen.sent);
        if let Some(start) = start {
            self.latencies.record(now.saturating_sub(start));
        }
    }

    /// Sent, not answered and not given up, when `next` was the next number to send.
    pub(crate) fn outstanding(&self, next: u64) -> u64 {
        next.saturating_sub(self.answered() + self.abandoned)
    }

    /// Datagrams that were answered, each once.
    pub(crate) fn answered(&self) -> u64 {
        self.sequences.unique + self.unnumbered
    }

    /// Gives up what was sent before `limit` and is not answered.
    pub(crate) fn abandon(&mut self, limit: u64) {
        while let Some(&(sequence, sent)) = self.waiting.front() {
            // Answers without a number free the oldest places, as if they came in order.
            let came = self.sequences.came(sequence) || sequence < self.unnumbered + self.abandoned;
            if !came && sent > limit {
                break;
            }
            self.abandoned += u64::from(!came);
            self.waiting.pop_front();
        }
    }

    /// When the oldest unanswered datagram was sent.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.waiting.front().map(|&(_, sent)| sent)
    }

    pub(crate) fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    pub(crate) fn latencies(&self) -> &Latencies {
        &self.latencies
    }
}
