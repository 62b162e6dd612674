//! Which sequence numbers came, which came twice, and which came late.
//!
//! ```text
//!            base                                   base + WINDOW
//!   gone by  |  1 1 0 1 1 1 1 1 0 1 ...  0 0 0 0 0  |   not yet sent
//!            a bit a number; the window slides when a higher number comes
//! ```
//! The memory is the same for a thousand datagrams and for a thousand million.

/// Numbers that are remembered one by one; what is older than this is only counted.
const WINDOW: u64 = 1 << 20;
const WORDS: usize = (WINDOW / 64) as usize;

/// What became of the numbers seen so far.
#[derive(Debug)]
pub(crate) struct Sequences {
    bits: Box<[u64]>,
    base: u64,
    /// The highest number seen, a flow: order is kept by the network within a flow only.
    highest: Vec<Option<u64>>,
    pub(crate) unique: u64,
    pub(crate) duplicates: u64,
    pub(crate) reordered: u64,
    /// Older than the window: too late to say whether it came before.
    pub(crate) too_old: u64,
}

impl Sequences {
    pub(crate) fn new(flows: u32) -> Self {
        Sequences {
            bits: vec![0; WORDS].into_boxed_slice(),
            base: 0,
            highest: vec![None; flows as usize],
            unique: 0,
            duplicates: 0,
            reordered: 0,
            too_old: 0,
        }
    }

    /// Notes that `sequence` came on `flow`; true if it came for the first time.
    pub(crate) fn observe(&mut self, flow: usize, sequence: u64) -> bool {
        if sequence < self.base {
            self.too_old += 1;
            return false;
        }
        self.slide_to(sequence);
        let (word, bit) = place(sequence);
        if self.bits[word] & bit != 0 {
            self.duplicates += 1;
            return false;
        }
        self.bits[word] |= bit;
        self.unique += 1;
        if let Some(highest) = self.highest.get_mut(flow) {
            match *highest {
                Some(before) if before > sequence => self.reordered += 1,
                _ => *highest = Some(sequence),
            }
        }
        true
    }

    /// Did `sequence` come? Numbers older than the window count as come, since nobody waits for them any more.
    pub(crate) fn came(&self, sequence: u64) -> bool {
        if sequence < self.base {
            return true;
        }
        let (word, bit) = place(sequence);
        sequence < self.base + WINDOW && self.bits[word] & bit != 0
    }

    /// Moves the window, by whole words, so that it covers `sequence`.
    fn slide_to(&mut self, sequence: u64) {
        if sequence < self.base + WINDOW {
            return;
        }
        let base = (sequence - WINDOW) / 64 * 64 + 64;
        if base - self.base >= WINDOW {
            self.bits.fill(0);
        } else {
            for number in (self.base..base).step_by(64) {
                self.bits[place(number).0] = 0;
            }
        }
        self.base = base;
    }
}

fn place(sequence: u64) -> (usize, u64) {
    (((sequence / 64) % WORDS as u64) as usize, 1 << (sequence % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn counts_as_a_set_would(numbers in proptest::collection::vec(0u64..500, 0..400)) {
            let mut sequences = Sequences::new(1);
            let (mut seen, mut highest, mut late, mut twice) = (HashSet::new(), None, 0, 0);
            for number in numbers {
                let first = seen.insert(number);
                prop_assert_eq!(sequences.observe(0, number), first);
                match highest {
                    _ if !first => twice += 1,
                    Some(before) if before > number => late += 1,
                    _ => highest = Some(number),
                }
            }
            prop_assert_eq!(sequences.unique, seen.len() as u64);
            prop_assert_eq!((sequences.duplicates, sequences.reordered), (twice, late));
            prop_assert!((0..500).all(|number| sequences.came(number) == seen.contains(&number)));
        }
    }

    #[test]
    fn the_window_slides_and_forgets() {
        let mut sequences = Sequences::new(1);
        for number in 0..3 * WINDOW {
            assert!(sequences.observe(0, number));
        }
        assert!(!sequences.observe(0, 3 * WINDOW - 1), "within the window: a duplicate");
        assert!(!sequences.observe(0, 5), "long past");
        assert_eq!((sequences.unique, sequences.duplicates, sequences.too_old), (3 * WINDOW, 1, 1));
        assert!(sequences.observe(0, 100 * WINDOW), "a leap forward");
        assert!(!sequences.came(99 * WINDOW + 64), "nothing is left of the numbers leapt over");
        assert!(sequences.observe(0, 99 * WINDOW + 64));
        assert_eq!(sequences.reordered, 1);
    }

    #[test]
    fn order_is_a_matter_of_one_flow() {
        let mut sequences = Sequences::new(2);
        for (flow, number) in [(0, 0), (1, 3), (0, 2), (1, 1)] {
            assert!(sequences.observe(flow, number));
        }
        assert_eq!(sequences.reordered, 1);
    }
}
