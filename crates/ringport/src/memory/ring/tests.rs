//! What goes in comes out, once and in order, or is dropped.

use super::*;

#[test]
fn values_come_out_in_the_order_of_their_positions() {
    let (ring, mut reader) = ring(4);
    for turn in 0..10 {
        assert_eq!(ring.push(turn * 2), Ok(()));
        assert!(ring.push_all(&mut vec![turn * 2 + 1, 99]));
        assert!(reader.find(|value| *value == 99).0 && reader.has_more());
        assert_eq!(
            [reader.pop(), reader.pop(), reader.pop()],
            [Some(turn * 2), Some(turn * 2 + 1), Some(99)]
        );
        assert_eq!(reader.pop(), None);
    }
}

#[test]
fn a_full_queue_hands_values_back() {
    let (ring, mut reader) = ring(2);
    assert!(ring.push_all(&mut vec![1, 2]));
    assert_eq!(ring.push(3), Err(3));
    let mut more = vec![4];
    assert!(!ring.push_all(&mut more) && more == [4]);
    assert!(!reader.find(|value| *value == 3).0);
    assert_eq!(reader.pop(), Some(1));
    assert_eq!(ring.push(3), Ok(()));
}

#[test]
fn what_nobody_took_is_dropped_with_the_last_of_both_sides() {
    let value = std::sync::Arc::new(());
    for taken in 0..3 {
        let (ring, mut reader) = ring(2);
        for _ in 0..taken {
            assert!(ring.push(std::sync::Arc::clone(&value)).is_ok());
            drop(reader.pop());
        }
        assert!(ring.push(std::sync::Arc::clone(&value)).is_ok());
        drop(reader);
        // Nobody is left to take this one.
        assert!(ring.push(std::sync::Arc::clone(&value)).is_ok());
        drop(ring);
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    }
}

#[test]
fn each_of_many_writers_keeps_its_order() {
    const EACH: usize = 20_000;
    let (ring, mut reader) = ring(64);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let ring = &ring;
            scope.spawn(move || {
                for number in 0..EACH {
                    while ring.push((writer, number)).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let mut next = [0; 4];
        while next != [EACH; 4] {
            match reader.pop() {
                Some((writer, number)) => {
                    assert_eq!(next[writer], number);
                    next[writer] += 1;
                }
                None => std::thread::yield_now(),
            }
        }
    });
}
