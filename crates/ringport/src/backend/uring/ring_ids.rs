//! The group ids of the buffer rings of datagram sockets: 16 bits wide, and the last are of shared groups.
//!
//! ```text
//!   0 ........ given out, or given back ........ next ........ MOST_RINGS ... shared groups
//! ```
//!
//! They are counted apart from the keys of sockets, of which streams have some, too, and need no ring.

use super::group::MOST_GROUPS;

/// The most rings, so the most datagram sockets that receive.
pub(super) const MOST_RINGS: usize = (1 << 16) - MOST_GROUPS as usize;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RingIds {
    next: usize,
    back: Vec<u16>,
}

impl RingIds {
    /// An id that no ring has; `None` when all are given out.
    pub(super) fn take(&mut self) -> Option<u16> {
        if let Some(id) = self.back.pop() {
            return Some(id);
        }
        let id = u16::try_from(self.next).ok().filter(|_| self.next < MOST_RINGS)?;
        self.next += 1;
        Some(id)
    }

    /// Takes one back, whose ring is gone.
    pub(super) fn put(&mut self, id: u16) {
        self.back.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_RINGS, RingIds};

    #[test]
    fn each_is_given_out_once_until_it_comes_back_and_none_is_of_a_shared_group() {
        let mut ids = RingIds::default();
        let all: Vec<_> = std::iter::from_fn(|| ids.take()).collect();
        assert_eq!(all.len(), MOST_RINGS);
        assert!(all.iter().copied().map(usize::from).eq(0..MOST_RINGS));
        ids.put(77);
        assert_eq!((ids.take(), ids.take()), (Some(77), None));
    }
}
