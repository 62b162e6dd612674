//! A queue of fixed capacity, for the requests of one side.
//!
//! `VecDeque` would do, but it may grow, so its push is a call with the element in memory. This one is a few
//! instructions in the caller, with the element in registers; for each datagram that is worth it.
//!
//! ```text
//!   entries  [ None  None  r7  r8  r9  None ... ]    a power of two, or none
//!                          ▲           ▲
//!                          head        head + len
//! ```

/// See the module.
#[derive(Debug)]
pub(crate) struct Fifo<T> {
    entries: Box<[Option<T>]>,
    head: usize,
    len: usize,
}

impl<T> Default for Fifo<T> {
    fn default() -> Fifo<T> {
        Fifo::with_capacity(0)
    }
}

impl<T> Fifo<T> {
    /// Allocates room for `capacity` elements or more; for none nothing.
    pub(crate) fn with_capacity(capacity: usize) -> Fifo<T> {
        let places = if capacity == 0 { 0 } else { capacity.next_power_of_two() };
        let entries = (0..places).map(|_| None).collect();
        Fifo { entries, head: 0, len: 0 }
    }

    /// Makes room for `capacity` elements in all.
    pub(crate) fn grow_to(&mut self, capacity: usize) {
        if capacity > self.entries.len() {
            let mut larger = Fifo::with_capacity(capacity);
            while let Some(element) = self.pop_front() {
                larger.push_back(element);
            }
            *self = larger;
        }
    }

    #[inline(always)]
    fn index(&self, position: usize) -> usize {
        self.head.wrapping_add(position) & self.entries.len().wrapping_sub(1)
    }

    /// How many elements it has.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends an element. Whoever posts has checked the limit, for which there is room; a full queue grows.
    #[inline(always)]
    pub(crate) fn push_back(&mut self, element: T) {
        if self.len == self.entries.len() {
            self.double();
        }
        let index = self.index(self.len);
        if let Some(entry) = self.entries.get_mut(index) {
            // The entry is empty; to forget that spares looking whether something must be dropped.
            std::mem::forget(entry.replace(element));
            self.len += 1;
        }
    }

    #[cold]
    fn double(&mut self) {
        self.grow_to((self.entries.len() * 2).max(1));
    }

    /// Takes the oldest element.
    #[inline(always)]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let element = self.take_at(0)?;
        self.head = self.head.wrapping_add(1);
        self.len -= 1;
        Some(element)
    }

    /// The oldest element, to change it.
    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.get_mut(0)
    }

    /// The newest element, to change it.
    pub(crate) fn back_mut(&mut self) -> Option<&mut T> {
        self.get_mut(self.len.checked_sub(1)?)
    }

    /// The element at a position.
    #[inline]
    pub(crate) fn get(&self, position: usize) -> Option<&T> {
        if position >= self.len {
            return None;
        }
        self.entries.get(self.index(position))?.as_ref()
    }

    /// Puts the elements from `from` on in another order: `order` says for each position which of them comes there,
    /// each of them once. It is used up.
    pub(crate) fn arrange(&mut self, from: usize, order: &mut [u16]) {
        for start in 0..order.len() {
            if order.get(start).is_none_or(|source| usize::from(*source) == start) {
                continue;
            }
            // Along one cycle, which ends where it began.
            let mut held = self.take_at(from + start);
            let mut place = start;
            for _ in 0..order.len() {
                let Some(source) = order.get_mut(place) else { break };
                let source = usize::from(std::mem::replace(source, place as u16));
                let moved = if source == start { held.take() } else { self.take_at(from + source) };
                let index = self.index(from + place);
                if let Some(entry) = self.entries.get_mut(index) {
                    // The entry is empty, as in `push_back`.
                    std::mem::forget(std::mem::replace(entry, moved));
                }
                if source == start {
                    break;
                }
                place = source;
            }
        }
    }

    #[inline(always)]
    fn take_at(&mut self, position: usize) -> Option<T> {
        let index = self.index(position);
        self.entries.get_mut(index)?.take()
    }

    /// The element at a position, to change it.
    pub(crate) fn get_mut(&mut self, position: usize) -> Option<&mut T> {
        // Past the end it would come round to the first again.
        if position >= self.len {
            return None;
        }
        let index = self.index(position);
        self.entries.get_mut(index)?.as_mut()
    }

    /// The elements from `position` on, oldest first.
    #[inline]
    pub(crate) fn iter_from(&self, position: usize) -> impl Iterator<Item = &T> {
        (position..self.len).filter_map(|position| self.entries.get(self.index(position))?.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::Fifo;
    use crate::random::Random;
    use std::collections::VecDeque;

    #[test]
    fn it_does_what_a_deque_does() {
        let mut random = Random::new(7);
        let (mut fifo, mut deque) = (Fifo::default(), VecDeque::new());
        for step in 0..10_000u64 {
            match random.below(5) {
                0..=2 if deque.len() < 40 => {
                    fifo.push_back(step);
                    deque.push_back(step);
                }
                3 if random.below(100) == 0 => fifo.grow_to(deque.len() + 9),
                _ => assert_eq!(fifo.pop_front(), deque.pop_front()),
            }
            let from = deque.len() / 2;
            assert_eq!((fifo.len(), fifo.is_empty()), (deque.len(), deque.is_empty()));
            assert!(fifo.iter_from(from).eq(deque.iter().skip(from)));
            assert_eq!(fifo.front_mut(), deque.front_mut());
            for position in 0..2 * deque.len() + 2 {
                assert_eq!(fifo.get(position), deque.get(position));
                assert_eq!(fifo.get_mut(position), deque.get_mut(position));
            }
        }
    }

    #[test]
    fn any_order_can_be_made_of_its_end() {
        let mut random = Random::new(8);
        for round in 0..2000 {
            let (before, count) = (random.below(5), random.below(20));
            let mut fifo = Fifo::with_capacity(8);
            // So that it begins anywhere.
            (0..round % 8).for_each(|_| fifo.push_back(0));
            while fifo.pop_front().is_some() {}
            (0..before + count).for_each(|element| fifo.push_back(element));
            let mut order: Vec<u16> = (0..count as u16).collect();
            (1..count).for_each(|last| order.swap(last, random.below(last + 1)));
            let expected: Vec<_> =
                (0..before).chain(order.iter().map(|at| before + usize::from(*at))).collect();
            fifo.arrange(before, &mut order);
            assert!(fifo.iter_from(0).eq(&expected), "{expected:?}");
        }
    }
}
