//! Pools as a program sees them: taking, growing, releasing, refusing, and the figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use ringport::memory::{MemoryError, TakeError};
use ringport::{Buffer, BufferMut, BufferPool, Lock};
use std::collections::HashSet;
use std::sync::mpsc;
use std::time::{Duration, Instant};

fn pool(slices: usize, regions: std::ops::RangeInclusive<usize>) -> BufferPool {
    let builder = BufferPool::builder().slice_size(100).slices_per_region(slices).regions(regions);
    builder.lock(Lock::Off).release_after(Duration::ZERO).build().unwrap()
}

#[test]
fn it_grows_by_regions_to_its_maximum_and_gives_them_back() {
    let pool = pool(4, 1..=3);
    let one_region = pool.figures().registered_bytes;
    let mut held: Vec<_> = (0..12).map(|_| pool.take().unwrap()).collect();
    let full = pool.figures();
    assert_eq!((full.regions, full.slices, full.used, full.free, full.grown), (3, 12, 12, 0, 2));
    assert_eq!(full.registered_bytes, 3 * one_region);
    let refused = pool.take().unwrap_err();
    assert_eq!((refused.slices, refused.regions, refused.maximum_regions), (12, 3, 3));
    assert!(matches!(pool.take_with(b"x"), Err(TakeError::Exhausted(_))));
    assert_eq!(pool.figures().exhausted, 2);
    assert_eq!(pool.trim(), 0, "all are in use");
    held.truncate(1);
    assert_eq!(pool.trim(), 2, "down to the one in use");
    let low = pool.figures();
    assert_eq!((low.regions, low.free, low.used, low.released), (1, 3, 1, 2));
    assert_eq!(low.registered_bytes, one_region);
    held.clear();
    assert_eq!(pool.trim(), 0, "down to the minimum");
    held.extend((0..12).map(|_| pool.take().unwrap()));
    assert_eq!(pool.figures().grown, 4, "it grows again");
}

#[test]
fn a_region_is_released_only_when_it_was_unused_for_the_time() {
    let builder = || BufferPool::builder().slices_per_region(2).regions(1..=2).lock(Lock::Off);
    let pool = builder().release_after(Duration::from_secs(3600)).build().unwrap();
    drop((0..4).map(|_| pool.take().unwrap()).collect::<Vec<_>>());
    assert_eq!((pool.trim(), pool.trim(), pool.figures().regions), (0, 0, 2));

    let time = Duration::from_millis(2);
    let pool = builder().release_after(time).build().unwrap();
    drop((0..4).map(|_| pool.take().unwrap()).collect::<Vec<_>>());
    let first_look = Instant::now();
    while pool.trim() == 0 {
        assert!(first_look.elapsed() < Duration::from_secs(60), "its time never came");
    }
    assert!(first_look.elapsed() >= time, "released too early");
}

#[test]
fn a_pool_in_use_releases_what_it_does_not_need_by_itself() {
    let pool = pool(4, 1..=3);
    drop((0..12).map(|_| pool.take().unwrap()).collect::<Vec<_>>());
    assert_eq!(pool.figures().regions, 3);
    (0..10_000).for_each(|_| drop(pool.take().unwrap()));
    assert_eq!(pool.figures().regions, 1);
}

#[test]
fn taking_prefers_low_regions() {
    let pool = pool(2, 1..=4);
    let mut held: Vec<_> = (0..8).map(|_| pool.take().unwrap()).collect();
    let regions: Vec<_> = held.iter().map(BufferMut::region).collect();
    drop(held.remove(6));
    drop(held.remove(0));
    assert_eq!(pool.take().unwrap().region(), regions[0]);
}

#[test]
fn a_deregistered_region_gives_nothing_more_and_keeps_what_is_out() {
    let pool = pool(4, 1..=2);
    let buffer = pool.take_with(b"in flight").unwrap();
    let (region, offset) = (buffer.region(), buffer.offset());
    pool.resolve(region, offset, 100).unwrap();
    assert!(matches!(pool.resolve(region, usize::MAX, 2), Err(MemoryError::Fault { .. })));
    pool.deregister(region);
    assert!(matches!(pool.resolve(region, offset, 1), Err(MemoryError::Fault { region_bytes: 0, .. })));
    let figures = pool.figures();
    assert_eq!((figures.regions, figures.closing_regions, figures.free, figures.used), (0, 1, 0, 1));
    let other = pool.take().unwrap();
    assert_ne!(other.region(), region);
    assert_eq!(&buffer[..], b"in flight");
    drop(buffer);
    assert_eq!((pool.figures().closing_regions, pool.figures().released), (0, 1));
    drop(other);
    // The place is taken again under another name, and the old one stays stale.
    let again: Vec<_> = (0..8).map(|_| pool.take().unwrap()).collect();
    assert!(again.iter().all(|buffer| buffer.region() != region));
    pool.deregister(region);
    assert_eq!(pool.figures().regions, 2, "a stale id is ignored");
}

#[test]
fn settings_out_of_range_are_named() {
    let build = |change: fn(_) -> ringport::memory::BufferPoolBuilder| change(BufferPool::builder()).build();
    let cases = [
        (build(|pool| pool.slice_size(0)), "slice_size is 0"),
        (build(|pool| pool.slice_size(usize::MAX)), "slice_size is"),
        (build(|pool| pool.slices_per_region(0)), "slices_per_region is 0"),
        (build(|pool| pool.slices_per_region((1 << 16) + 1)), "slices_per_region is 65537"),
        (build(|pool| pool.regions(0..=1)), "the least regions is 0"),
        (build(|pool| pool.regions(std::ops::RangeInclusive::new(2, 1))), "the least regions is 2"),
        (build(|pool| pool.regions(1..=1025)), "the most regions is 1025"),
        (build(|pool| pool.control(16_385)), "control is 16385"),
        (build(|pool| pool.numa_node(Some(1024))), "numa_node is 1024"),
    ];
    for (result, wanted) in cases {
        let error = result.expect_err(wanted);
        assert!(matches!(error, MemoryError::Invalid { .. }), "{error}");
        assert!(error.to_string().contains(wanted) && error.to_string().contains("allowed is"), "{error}");
    }
    let huge = BufferPool::builder().slice_size(1 << 30).slices_per_region(1 << 16).regions(1024..=1024);
    let huge = huge.lock(Lock::Off).build();
    assert!(matches!(huge, Err(MemoryError::Map { .. })), "64 pebibytes: {huge:?}");
}

#[test]
fn too_many_bytes_are_refused_and_change_nothing() {
    let pool = pool(2, 1..=1);
    assert!(matches!(pool.take_with(&[0; 101]), Err(TakeError::TooLong(_))));
    let mut buffer = pool.take_with(&[1; 90]).unwrap();
    let error = buffer.extend_from_slice(&[2; 11]).unwrap_err();
    assert_eq!((error.asked, error.capacity, buffer.len()), (101, 100, 90));
    assert!(buffer.set_len(101).is_err() && buffer.set_len(100).is_ok());
    assert_eq!(buffer.fill_with(|spare| Ok::<_, ()>(spare.len() + 5)), Ok(0), "there is no spare part left");
    buffer.truncate(200);
    buffer.truncate(3);
    assert_eq!(&buffer[..], &[1; 3]);
    buffer.set_context(7);
    buffer.reset();
    assert_eq!((buffer.len(), buffer.context(), buffer.spare_capacity().len()), (0, 0, 100));
}

#[test]
fn slices_return_from_other_threads() {
    let pool = pool(64, 1..=2);
    let (sender, receiver) = mpsc::channel::<(u8, Buffer)>();
    let checker = std::thread::spawn(move || {
        receiver.iter().filter(|(value, buffer)| buffer.iter().all(|byte| byte == value)).count()
    });
    let makers: Vec<_> = (0..3u8)
        .map(|value| {
            let (pool, sender) = (pool.clone(), sender.clone());
            std::thread::spawn(move || {
                let mut sent = 0;
                while sent < 20_000 {
                    match pool.take_with(&[value; 100]) {
                        Ok(buffer) => {
                            let buffer = buffer.freeze();
                            sender.send((value, buffer.clone())).unwrap();
                            sent += 1;
                        }
                        Err(_) => std::thread::yield_now(),
                    }
                }
            })
        })
        .collect();
    drop(sender);
    makers.into_iter().for_each(|maker| maker.join().unwrap());
    assert_eq!(checker.join().unwrap(), 60_000, "every message arrived as it was written");
    assert_eq!((pool.free(), pool.figures().used), (pool.figures().slices, 0));
}

#[derive(Clone, Debug)]
enum Step {
    Take,
    Drop(usize),
    Share(usize),
    Trim,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Take),
        3 => any::<usize>().prop_map(Step::Drop),
        1 => any::<usize>().prop_map(Step::Share),
        1 => Just(Step::Trim),
    ]
}

proptest! {
    /// Whatever is done, nothing is lost or given twice, and the figures are exact.
    #[test]
    fn slices_are_conserved(first in 1usize..=3, steps in prop::collection::vec(step(), 1..200)) {
        let pool = pool(3, first..=4);
        // Each handle with the value its slice was filled with; shared ones appear several times.
        let mut held: Vec<(u8, Buffer)> = Vec::new();
        let mut lowest = 3 * first;
        for (number, step) in steps.into_iter().enumerate() {
            let value = number as u8;
            match step {
                Step::Take => match pool.take_with(&[value; 100]) {
                    Ok(buffer) => {
                        held.push((value, buffer.freeze()));
                        lowest = lowest.min(pool.free());
                    }
                    Err(_) => prop_assert_eq!(pool.figures().used, 12),
                },
                Step::Drop(which) if !held.is_empty() => drop(held.swap_remove(which % held.len())),
                Step::Share(which) if !held.is_empty() => {
                    let shared = held[which % held.len()].clone();
                    held.push(shared);
                }
                Step::Drop(_) | Step::Share(_) => {}
                Step::Trim => drop(pool.trim()),
            }
            prop_assert!(held.iter().all(|(value, buffer)| buffer[..] == [*value; 100]));
            let slices: HashSet<_> = held.iter().map(|(_, buffer)| (buffer.region(), buffer.offset())).collect();
            let figures = pool.figures();
            prop_assert_eq!(figures.used, slices.len());
            prop_assert_eq!(figures.free + figures.used, figures.regions * 3);
            prop_assert_eq!(figures.lowest_free, lowest);
        }
    }
}
