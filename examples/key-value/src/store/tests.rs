//! Values are there until their time is over, and not longer.

use std::cell::Cell;
use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// A clock that stands until it is set.
impl Clock for Cell<u64> {
    fn now(&self) -> Moment {
        Moment(self.get())
    }
}

fn store() -> Store<Cell<u64>> {
    Store::new(Cell::new(0))
}

/// Keys there are, those that have a value now, and those that have it for a time.
fn counts(store: &Store<Cell<u64>>) -> (usize, usize, usize) {
    let whole = store.whole();
    (whole.len(), whole.keys().count(), whole.expiring())
}

fn value(store: &Store<Cell<u64>>, key: &[u8]) -> Option<Vec<u8>> {
    store.at(key).get().map(|entry| entry.value.clone())
}

#[test]
fn a_value_is_forgotten_when_its_time_is_over() {
    let store = store();
    store.at(b"a").set(b"1", Moment(10));
    store.at(b"b").set(b"2", Moment::NEVER);
    store.clock().set(9);
    assert_eq!((value(&store, b"a"), counts(&store)), (Some(b"1".to_vec()), (2, 2, 1)));
    store.clock().set(10);
    assert_eq!(store.whole().value(b"a"), None);
    assert_eq!(counts(&store), (2, 1, 1), "who has only looked has changed nothing");
    assert_eq!((value(&store, b"a"), value(&store, b"b")), (None, Some(b"2".to_vec())));
    assert_eq!(counts(&store), (1, 1, 0));
}

#[test]
fn what_is_over_is_not_there_to_be_removed() {
    let store = store();
    store.at(b"a").set(b"1", Moment(5));
    store.clock().set(5);
    assert!(!store.at(b"a").remove());
    store.at(b"a").set(b"1", Moment(6));
    assert!(store.at(b"a").remove());
    assert!(!store.at(b"a").remove());
}

#[test]
fn a_value_takes_the_room_of_the_one_before_it_unless_it_would_waste_it() {
    let store = store();
    let room = || {
        let mut place = store.at(b"a");
        let value = &place.get().unwrap().value;
        (value.as_ptr(), value.capacity())
    };
    store.at(b"a").set(&[1; 100], Moment::NEVER);
    let first = room();
    store.at(b"a").set(&[2; 50], Moment::NEVER);
    assert_eq!((room(), first.1), (first, 100));
    store.at(b"a").set(&[3; 100_000], Moment::NEVER);
    store.at(b"a").set(&[4; 10], Moment::NEVER);
    assert_eq!((value(&store, b"a"), room().1), (Some(vec![4; 10]), 10));
}

#[test]
fn everything_is_forgotten_at_once() {
    let store = store();
    for number in 0..1000u32 {
        store.at(&number.to_le_bytes()).set(b"x", Moment::NEVER);
    }
    assert_eq!(store.whole().len(), 1000);
    store.whole().clear();
    assert_eq!((counts(&store), value(&store, &7u32.to_le_bytes())), ((0, 0, 0), None));
}

proptest! {
    #[test]
    fn it_is_a_map(steps in prop::collection::vec((0u8..3, 0u8..40, any::<Vec<u8>>()), 0..200)) {
        let store = store();
        let mut map = HashMap::new();
        for (what, key, bytes) in steps {
            match what {
                0 => prop_assert_eq!(store.at(&[key]).remove(), map.remove(&key).is_some()),
                1 => prop_assert_eq!(value(&store, &[key]), map.get(&key).cloned()),
                _ => {
                    store.at(&[key]).set(&bytes, Moment::NEVER);
                    map.insert(key, bytes);
                }
            }
            prop_assert_eq!(counts(&store).0, map.len());
        }
    }
}
