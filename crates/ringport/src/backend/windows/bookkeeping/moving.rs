//! A request changes its place among the posted ones, and the others keep their order.
//!
//! ```text
//!   from 0 to 3   [ r0 r1 r2 r3 r4 ] ──► [ r1 r2 r3 r0 r4 ]
//! ```

use std::collections::VecDeque;

use crate::backend::contract::Fifo;

/// Positions that a request moves by at a time.
const STEP: usize = 1024;

/// Moves a request to another position; those between move by one.
pub(super) fn move_request<R>(posted: &mut Fifo<R>, from: usize, to: usize) {
    let mut from = from;
    while from != to && from.max(to) < posted.len() {
        let next = to.clamp(from.saturating_sub(STEP), from + STEP);
        step(posted, from, next);
        from = next;
    }
}

/// Moves it by a part of the way.
fn step<R>(posted: &mut Fifo<R>, from: usize, to: usize) {
    let mut order = [0u16; STEP + 1];
    let (first, last) = (from.min(to), from.max(to));
    let Some(order) = order.get_mut(..=last - first) else { return };
    for (position, source) in order.iter_mut().enumerate() {
        let position = first + position;
        let source_position = if position == to {
            from
        } else if from < to {
            position + 1
        } else {
            position - 1
        };
        *source = (source_position - first) as u16;
    }
    posted.arrange(first, order);
}

/// The same of chains.
pub(super) fn move_chain<T>(chains: &mut VecDeque<T>, from: usize, to: usize) {
    if let Some(chain) = chains.remove(from) {
        chains.insert(to.min(chains.len()), chain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_moves_however_far_and_the_others_stay_in_order() {
        let most = 3 * STEP + 7;
        for (from, to) in [(0, most - 1), (most - 1, 0), (5, STEP + 5), (STEP + 6, 5), (9, 9), (0, most)] {
            let mut posted = Fifo::with_capacity(most);
            (0..most).for_each(|number| posted.push_back(number));
            move_request(&mut posted, from, to);
            let mut expected: Vec<usize> = (0..most).collect();
            if to < most {
                let moved = expected.remove(from);
                expected.insert(to, moved);
            }
            assert!(posted.iter_from(0).eq(&expected), "from {from} to {to}");
        }
    }
}
