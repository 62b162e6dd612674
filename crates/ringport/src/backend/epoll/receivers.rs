//! Which sockets are received from, to be walked without the others: a queue may have one, and ten thousand that only
//! send.
//!
//! ```text
//!   keys      [ 7  3  12 ]        3 leaves: the last takes its place
//!   places    3 ─► 1, 7 ─► 0, 12 ─► 2
//! ```

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Receivers {
    keys: Vec<u32>,
    /// By key: where it is among them.
    places: Vec<Option<u32>>,
}

impl Receivers {
    /// Adds a key, which is not among them.
    pub(super) fn add(&mut self, key: u32) {
        let index = key as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, None);
        }
        if let Some(place) = self.places.get_mut(index) {
            *place = Some(self.keys.len() as u32);
            self.keys.push(key);
        }
    }

    /// Takes a key away, if it is among them.
    pub(super) fn remove(&mut self, key: u32) {
        let Some(place) = self.places.get_mut(key as usize).and_then(Option::take) else { return };
        self.keys.swap_remove(place as usize);
        if let Some(&moved) = self.keys.get(place as usize)
            && let Some(of_moved) = self.places.get_mut(moved as usize)
        {
            *of_moved = Some(place);
        }
    }

    /// All of them.
    pub(super) fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Receivers;

    #[test]
    fn those_that_leave_are_gone_and_the_others_stay() {
        let mut receivers = Receivers::default();
        [7, 3, 12].into_iter().for_each(|key| receivers.add(key));
        receivers.remove(3);
        receivers.remove(3);
        receivers.remove(99);
        assert_eq!(receivers.keys(), [7, 12]);
        receivers.add(3);
        receivers.remove(7);
        receivers.remove(12);
        assert_eq!((receivers.keys(), receivers.len()), (&[3][..], 1));
        receivers.remove(3);
        assert!(receivers.keys().is_empty());
    }
}
