//! A batch of completions, allocated once and filled again and again.

use super::Completion;

/// Room for a batch of completions: the array given to `RIODequeueCompletion`.
///
/// [`CompletionQueue::dequeue`](super::CompletionQueue::dequeue) fills it up to its capacity and never makes
/// it grow. How large it is decides how much a thread takes at once: too much, and the other threads of a
/// pool have nothing to do.
///
/// ```
/// let completions = ringport::Completions::with_capacity(1000);
/// assert!(completions.is_empty());
/// assert_eq!(completions.capacity(), 1000);
/// ```
#[derive(Debug)]
pub struct Completions {
    entries: Vec<Completion>,
    capacity: usize,
}

impl Completions {
    /// Allocates room for `capacity` completions, at least one.
    pub fn with_capacity(capacity: usize) -> Completions {
        let capacity = capacity.max(1);
        Completions { entries: Vec::with_capacity(capacity), capacity }
    }

    /// The most it holds.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The completions, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Completion> {
        self.entries.iter()
    }

    /// Takes all completions out, oldest first; the room stays.
    pub fn drain(&mut self) -> impl Iterator<Item = Completion> + '_ {
        self.entries.drain(..)
    }

    /// Drops all completions: their slices go back to their pools.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many more fit.
    pub(super) fn room(&self) -> usize {
        self.capacity - self.entries.len()
    }

    /// The entries, for the queue to append to; never beyond the capacity.
    pub(super) fn entries_mut(&mut self) -> &mut Vec<Completion> {
        &mut self.entries
    }
}
