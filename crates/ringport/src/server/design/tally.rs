//! What the request queues of a thread counted, summed up without asking all of them each time.
//!
//! ```text
//!   batch of sockets 3 and 9 ──► stale [ 3 9 ] ──► sum ── of those the counters as they were, and as they are now
//! ```

use crate::queue::RequestCounters;

/// See the module.
pub(super) struct Tally {
    sum: RequestCounters,
    /// Of each, as it was when it was asked last.
    known: Vec<RequestCounters>,
    /// Those that may have counted since.
    stale: Vec<usize>,
    is_stale: Vec<bool>,
}

impl Tally {
    pub(super) fn new(count: usize) -> Tally {
        Tally {
            sum: RequestCounters::default(),
            known: vec![RequestCounters::default(); count],
            stale: Vec::with_capacity(count),
            is_stale: vec![false; count],
        }
    }

    /// Something happened on this one.
    #[inline]
    pub(super) fn touched(&mut self, number: usize) {
        if let Some(is_stale) = self.is_stale.get_mut(number)
            && !std::mem::replace(is_stale, true)
        {
            self.stale.push(number);
        }
    }

    /// The sum of all; `ask` is what one has counted.
    pub(super) fn sum(&mut self, ask: impl Fn(usize) -> Option<RequestCounters>) -> RequestCounters {
        for number in self.stale.drain(..) {
            if let Some(is_stale) = self.is_stale.get_mut(number) {
                *is_stale = false;
            }
            if let (Some(known), Some(now)) = (self.known.get_mut(number), ask(number)) {
                self.sum.advance(known, &now);
                *known = now;
            }
        }
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_that_were_touched_are_asked_and_the_sum_is_that_of_all() {
        let mut tally = Tally::new(3);
        let counted = |failed| Some(RequestCounters { failed, ..RequestCounters::default() });
        tally.touched(2);
        tally.touched(0);
        tally.touched(2);
        assert_eq!(tally.sum(|number| counted(number as u64 + 1)).failed, 4);
        assert_eq!(tally.sum(|_| panic!("none was touched")).failed, 4);
        tally.touched(2);
        assert_eq!(tally.sum(|_| counted(10)).failed, 11);
    }
}
