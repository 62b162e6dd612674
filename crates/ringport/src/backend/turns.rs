//! Which sockets have something to do, so that ten thousand quiet ones cost nothing.

use std::collections::VecDeque;

/// Keys in the order in which they get their turn, each once.
///
/// ```text
///   event, or receives posted on a socket with data ──► [ 7  3  12  5 ] ──► served; back to the end if more is left
/// ```
#[derive(Debug, Default)]
pub(crate) struct Turns {
    keys: VecDeque<u32>,
    /// By key: it is in there.
    queued: Vec<bool>,
}

impl Turns {
    /// Gives a key a turn, unless it has one.
    #[inline]
    pub(crate) fn add(&mut self, key: u32) {
        let index = key as usize;
        if self.queued.len() <= index {
            self.queued.resize(index + 1, false);
        }
        if let Some(queued) = self.queued.get_mut(index)
            && !std::mem::replace(queued, true)
        {
            self.keys.push_back(key);
        }
    }

    /// Makes room for the turns of so many keys, from zero on: none of them allocates then.
    pub(crate) fn make_room(&mut self, keys: usize) {
        if self.queued.len() < keys {
            self.queued.resize(keys, false);
        }
        self.keys.reserve(keys.saturating_sub(self.keys.len()));
    }

    /// Whose turn is next, who keeps it.
    #[inline]
    pub(crate) fn first(&self) -> Option<u32> {
        self.keys.front().copied()
    }

    /// Whose turn it is.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<u32> {
        let key = self.keys.pop_front()?;
        if let Some(queued) = self.queued.get_mut(key as usize) {
            *queued = false;
        }
        Some(key)
    }

    /// How many have a turn.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nobody has.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Takes a key's turn away.
    pub(crate) fn remove(&mut self, key: u32) {
        if self.queued.get_mut(key as usize).is_some_and(std::mem::take) {
            self.keys.retain(|other| *other != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;

    #[test]
    fn each_key_has_one_turn_at_a_time_and_none_after_it_was_removed() {
        let mut turns = Turns::default();
        for key in [7, 3, 7, 12, 3] {
            turns.add(key);
        }
        assert_eq!((turns.len(), turns.next()), (3, Some(7)));
        turns.add(7);
        turns.remove(12);
        turns.remove(99);
        assert_eq!((turns.first(), turns.next()), (Some(3), Some(3)));
        assert_eq!((turns.next(), turns.next(), turns.first()), (Some(7), None, None));
        assert!(turns.is_empty());
    }
}
