//! A slice lent in segments: what each may touch, how answers join, and who has the slice in the end.

use std::sync::Barrier;
use std::thread;

use super::small_pool;
use crate::memory::{Buffer, BufferMut, BufferPool, Cut, Rest, Segment, Segments};

/// Of the slices of these tests.
const CAPACITY: usize = 64;

/// A slice with five segments of eight bytes, and the pool it is from.
fn five() -> (BufferPool, Segments) {
    let pool = small_pool(4, 1);
    let segments = Segments::new(pool.take_with(&bytes()).unwrap());
    (pool, segments)
}

fn bytes() -> [u8; 40] {
    std::array::from_fn(|index| index as u8)
}

/// Lends the next eight bytes, with no more room than a datagram may have.
macro_rules! lend {
    ($segments:ident) => {
        $segments.lend(8, 16).unwrap()
    };
}

/// What becomes of an answered segment.
trait Answered {
    /// Joins the run; where it cannot, that comes out and another begins.
    fn give_back(self, tag: u8) -> Option<(Buffer, Cut)>;
}

impl Answered for Segment<'_> {
    fn give_back(mut self, tag: u8) -> Option<(Buffer, Cut)> {
        if self.join(tag) {
            return None;
        }
        let run = self.slice().take_run();
        assert!(run.is_some() && self.join(tag), "there is no run any more that it could not join");
        run
    }
}

fn whole(rest: Rest) -> (BufferMut, Cut) {
    match rest {
        Rest::Whole(buffer, cut) => (buffer, cut),
        other => panic!("{other:?}"),
    }
}

fn shared(rest: Rest) -> Option<(Buffer, Cut)> {
    match rest {
        Rest::Shared(run) => run,
        other => panic!("{other:?}"),
    }
}

/// The size of a datagram of a run, and how many there are.
fn figures(cut: &Cut) -> (u32, u32) {
    (cut.size, cut.datagrams)
}

#[test]
fn answers_one_after_the_other_leave_as_one_run() {
    let (pool, mut segments) = five();
    for _ in 0..5 {
        assert!(lend!(segments).give_back(0).is_none());
    }
    assert_eq!(segments.left(), 0);
    let (buffer, cut) = whole(segments.finish());
    assert_eq!((&buffer[..], figures(&cut)), (&bytes()[..], (8, 5)));
    assert!(cut.datagrams_in(&buffer).eq(bytes().chunks(8)));
    drop((segments, buffer));
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn the_first_that_is_not_answered_ends_a_run_and_the_last_ones_are_whole_again() {
    let (pool, mut segments) = five();
    _ = lend!(segments);
    assert!(lend!(segments).give_back(0).is_none());
    _ = lend!(segments);
    let (buffer, cut) = lend!(segments).give_back(0).unwrap();
    assert_eq!((&buffer[..], figures(&cut)), (&bytes()[8..16], (8, 1)));
    assert!(lend!(segments).give_back(0).is_none());
    let (rest, cut) = shared(segments.finish()).unwrap();
    assert_eq!((&rest[..], figures(&cut)), (&bytes()[24..], (8, 2)));
    assert!(segments.release().is_none() && segments.release().is_none());
    drop(rest);
    assert_eq!(pool.figures().used, 1);
    let mut slice = buffer.into_last().unwrap();
    assert_eq!((slice.len(), slice.capacity(), slice.spare_capacity().len()), (0, CAPACITY, CAPACITY));
    drop(slice);
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn a_shorter_answer_joins_those_before_it_and_none_joins_it() {
    let (_pool, mut segments) = five();
    assert!(lend!(segments).give_back(0).is_none());
    let mut shorter = lend!(segments);
    assert!(shorter.set_len(3));
    assert!(shorter.give_back(0).is_none());
    let (run, cut) = lend!(segments).give_back(0).unwrap();
    assert_eq!((&run[..], figures(&cut)), (&bytes()[..11], (8, 2)));
    assert!(cut.datagrams_in(&run).eq([&bytes()[..8], &bytes()[8..11]]));
    // An empty one is a datagram of its own.
    let mut empty = lend!(segments);
    assert!(empty.set_len(0));
    let (run, _) = empty.give_back(0).unwrap();
    assert_eq!(run[..], bytes()[16..24]);
    let (run, cut) = lend!(segments).give_back(0).unwrap();
    assert_eq!((run.len(), figures(&cut), cut.datagrams_in(&run).count()), (0, (0, 1), 1));
    let (run, _) = shared(segments.finish()).unwrap();
    assert_eq!(run[..], bytes()[32..]);
}

#[test]
fn what_is_marked_otherwise_leaves_by_itself() {
    let (_pool, mut segments) = five();
    assert!(lend!(segments).give_back(1).is_none());
    assert!(lend!(segments).give_back(1).is_none());
    let (run, cut) = lend!(segments).give_back(0).unwrap();
    assert_eq!((&run[..], figures(&cut), cut.tag), (&bytes()[..16], (8, 2), 1));
}

#[test]
fn the_last_one_has_the_rest_of_the_slice_and_others_their_bytes() {
    let (_pool, mut segments) = five();
    let mut first = lend!(segments);
    assert_eq!(first.whole_mut().len(), 8);
    assert!(!first.set_len(9) && first.set_len(8));
    assert!(segments.lend(24, 24).is_some());
    let mut last = lend!(segments);
    assert_eq!((last.len(), last.whole_mut().len()), (8, 16));
    assert!(last.set_len(16));
    last.whole_mut()[8..].fill(0xaa);
    assert!(last.give_back(0).is_none());
    let (buffer, _) = whole(segments.finish());
    assert_eq!(buffer[..], [&bytes()[32..], &[0xaa; 8]].concat());
}

#[test]
fn longer_answers_move_behind_the_end_until_there_is_no_room() {
    let (pool, mut segments) = five();
    let mut first = lend!(segments);
    assert!(first.make_room(8), "where it is");
    assert!(first.make_room(12));
    assert_eq!(first[..], bytes()[..8]);
    assert_eq!(first.whole_mut().len(), 12);
    assert!(first.set_len(10));
    first.fill(1);
    assert!(first.give_back(0).is_none());
    let mut second = lend!(segments);
    assert!(
        !second.make_room(15) && second.make_room(14),
        "two of the first one's twelve bytes were not needed"
    );
    assert!(second.set_len(10));
    second.fill(2);
    assert!(second.give_back(0).is_none(), "it follows the first one there");
    let mut third = lend!(segments);
    assert!(third.make_room(4) && !third.make_room(9));
    let (run, cut) = third.give_back(0).unwrap();
    assert_eq!((&run[..], figures(&cut)), (&[[1; 10], [2; 10]].concat()[..], (10, 2)));
    assert!(lend!(segments).give_back(0).is_none());
    // The last one has no room behind it any more.
    let mut last = lend!(segments);
    assert!(last.whole_mut().len() == 8 && !last.make_room(9));
    let (rest, _) = shared(segments.finish()).unwrap();
    assert_eq!(rest[..], bytes()[16..32], "nothing was written to where others are");
    assert!(segments.release().is_none());
    drop(run);
    assert!(rest.into_last().is_some());
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn what_was_cut_off_is_never_lent() {
    let (_pool, mut segments) = five();
    for start in [0, 20] {
        let mut segment = segments.lend(20, 5).unwrap();
        assert_eq!(segment[..], bytes()[start..start + 5]);
        assert_eq!(segment.whole_mut().len(), 5);
    }
    assert_eq!(segments.left(), 0);
    assert_eq!(segments.lend(20, 5).unwrap().len(), 0, "an empty datagram has no bytes to lend");
}

#[test]
fn what_is_kept_stays_and_the_last_of_all_owners_has_the_slice() {
    let (pool, mut segments) = five();
    let first = lend!(segments).keep();
    assert!(segments.is_kept());
    assert!(lend!(segments).give_back(0).is_none());
    let third = lend!(segments).keep();
    _ = lend!(segments);
    _ = lend!(segments);
    let (run, _) = shared(segments.finish()).unwrap();
    assert!(segments.release().is_none());
    drop(run);
    assert!(first.into_last().is_none());
    assert_eq!((&third[..], third.references(), pool.figures().used), (&bytes()[16..24], 1, 1));
    drop(third);
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn the_last_datagram_takes_the_slice_over_where_nothing_waits_to_be_sent() {
    let (pool, mut segments) = five();
    for _ in 0..4 {
        _ = lend!(segments);
    }
    let kept = lend!(segments).keep();
    assert_eq!(kept.references(), 1, "no more than the handle counts");
    assert!(segments.lend(8, 16).is_none(), "nothing is lent of what is not ours any more");
    assert!(matches!(segments.finish(), Rest::Gone) && segments.release().is_none());
    drop(segments);
    assert_eq!((&kept[..], pool.figures().used), (&bytes()[32..], 1));

    let mut segments = Segments::new(kept.try_unique().unwrap());
    assert!(segments.lend(4, 4).unwrap().give_back(0).is_none());
    let kept = segments.lend(4, 4).unwrap().keep();
    assert_eq!(kept.references(), 2, "the run has to leave, too");
    let (run, _) = shared(segments.finish()).unwrap();
    assert_eq!((&run[..], &kept[..]), (&bytes()[32..36], &bytes()[36..]));
}

#[test]
fn a_slice_that_nobody_finishes_goes_to_its_pool() {
    let (pool, mut segments) = five();
    _ = lend!(segments);
    let kept = lend!(segments).keep();
    drop(segments);
    assert_eq!(pool.figures().used, 1);
    drop(kept);
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn of_several_owners_exactly_one_gets_the_slice() {
    let pool = small_pool(1, 1);
    for round in 0..2000u32 {
        let buffer = pool.take_with(&round.to_ne_bytes()).unwrap().freeze();
        let barrier = Barrier::new(3);
        let own = |buffer: Buffer| {
            barrier.wait();
            assert_eq!(buffer[..], round.to_ne_bytes());
            buffer.into_last()
        };
        let own = &own;
        let slices: Vec<_> = thread::scope(|scope| {
            let owners =
                [buffer.clone(), buffer.clone(), buffer].map(|buffer| scope.spawn(move || own(buffer)));
            owners.into_iter().filter_map(|owner| owner.join().unwrap()).collect()
        });
        assert_eq!(slices.len(), 1, "{round}");
        drop(slices);
        assert_eq!(pool.figures().used, 0);
    }
}
