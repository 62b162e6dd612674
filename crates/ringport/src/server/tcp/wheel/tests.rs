//! The wheel against a sorted map.

use super::{Moment, Wheel};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ENTRIES: u32 = 24;
const TICK: u64 = 1 << 20;

fn at(nanoseconds: u64) -> Moment {
    Moment::since_start(Duration::from_nanos(nanoseconds))
}

fn due(wheel: &mut Wheel, now: u64) -> BTreeSet<u32> {
    let mut due = BTreeSet::new();
    while let Some(index) = wheel.pop_due(at(now)) {
        assert!(due.insert(index), "{index} is due twice");
    }
    due
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Set(u32, u64),
    Cancel(u32),
    Pass(u64),
    /// Sleeps until the wheel wants to be looked at.
    Wait,
}

/// From less than a tick to years.
fn time() -> impl Strategy<Value = u64> {
    (0u32..57).prop_flat_map(|bits| 0..(2u64 << bits))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..ENTRIES, time()).prop_map(|(index, time)| Step::Set(index, time)),
        1 => (0..ENTRIES).prop_map(Step::Cancel),
        3 => time().prop_map(Step::Pass),
        3 => Just(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn it_fires_what_a_sorted_map_fires(steps in prop::collection::vec(step(), 1..120)) {
        let mut wheel = Wheel::new(ENTRIES as usize);
        // The tick each is due at, and the deadline.
        let mut model: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        let (mut now, mut present) = (0u64, 0);
        for step in steps {
            match step {
                Step::Set(index, time) => {
                    let deadline = now.saturating_add(time);
                    wheel.set(index, at(deadline));
                    model.insert(index, (deadline.div_ceil(TICK).max(present + 1), deadline));
                }
                Step::Cancel(index) => {
                    wheel.cancel(index);
                    model.remove(&index);
                }
                Step::Pass(time) => now = now.saturating_add(time).min(u64::MAX / 4),
                Step::Wait => if let Some(next) = wheel.next_deadline() {
                    prop_assert!(next > at(present * TICK), "waiting for it is of use");
                    now = now.max(next.since(at(0)).as_nanos() as u64);
                },
            }
            if let Some((tick, _)) = model.values().min() {
                let next = wheel.next_deadline();
                prop_assert!(next.is_some_and(|next| next <= at(tick * TICK)), "{next:?} misses {tick}");
            }
            present = now / TICK;
            let expected: BTreeSet<u32> =
                model.iter().filter(|(_, (tick, _))| *tick <= present).map(|(index, _)| *index).collect();
            prop_assert_eq!(&due(&mut wheel, now), &expected);
            for index in expected {
                prop_assert!(model.remove(&index).is_some_and(|(_, deadline)| deadline <= now), "it is early");
            }
            prop_assert!(!model.is_empty() || wheel.next_deadline().is_none_or(|next| next > at(now)));
        }
    }
}

#[test]
fn a_deadline_of_less_than_a_tick_is_not_none() {
    let mut wheel = Wheel::new(1);
    let now = 5 * TICK + 3;
    assert!(due(&mut wheel, now).is_empty());
    wheel.set(0, at(now).after(Duration::from_nanos(1)));
    assert!(due(&mut wheel, now).is_empty() && due(&mut wheel, 6 * TICK - 1).is_empty());
    assert_eq!(wheel.next_deadline(), Some(at(6 * TICK)));
    assert_eq!(due(&mut wheel, 6 * TICK), BTreeSet::from([0]));
    wheel.set(0, at(9 * TICK + 1));
    assert!(due(&mut wheel, 9 * TICK).is_empty(), "not even a nanosecond early");
    assert_eq!(due(&mut wheel, 10 * TICK), BTreeSet::from([0]));
    assert_eq!((wheel.next_deadline(), wheel.pop_due(Moment::NEVER)), (None, None));
}

#[test]
fn touching_an_entry_leaves_it_where_it_is() {
    let mut wheel = Wheel::new(2);
    let idle = 50 * TICK;
    wheel.set(0, at(idle));
    let filed = wheel.next_deadline();
    for message in (1..40 * TICK).step_by(TICK as usize / 4) {
        wheel.set(0, at(message + idle));
        assert_eq!(wheel.next_deadline(), filed, "it was not filed again");
    }
    assert!(due(&mut wheel, idle).is_empty(), "it was moved, so it is filed again instead");
    let next = wheel.next_deadline();
    assert!(next > filed && next <= Some(at(90 * TICK)));
    wheel.set(0, Moment::NEVER);
    assert!(due(&mut wheel, 100 * TICK).is_empty());
    assert_eq!(wheel.next_deadline(), None, "cancelled by a store, and gone when its time began");
}

#[test]
fn waiting_for_a_minute_takes_a_few_looks() {
    let mut wheel = Wheel::new(10_000);
    let minute = Duration::from_secs(60);
    for index in 0..10_000 {
        wheel.set(index, at(u64::from(index)).after(minute));
    }
    let (mut looks, mut fired) = (0, 0);
    while let Some(next) = wheel.next_deadline() {
        looks += 1;
        fired += due(&mut wheel, next.since(at(0)).as_nanos() as u64).len();
    }
    assert_eq!(fired, 10_000);
    assert!(looks <= 5, "{looks} looks");
}

#[test]
fn what_has_no_entry_and_what_is_past_is_harmless() {
    let mut wheel = Wheel::new(1);
    wheel.set(1, at(0));
    wheel.cancel(1);
    wheel.cancel(0);
    wheel.set(0, Moment::NEVER);
    assert_eq!(wheel.next_deadline(), None);
    assert!(due(&mut wheel, 10 * TICK).is_empty());
    wheel.set(0, at(0));
    assert!(due(&mut wheel, 2 * TICK).is_empty(), "a reading of the clock from before is no trouble");
    assert_eq!(wheel.next_deadline(), Some(at(11 * TICK)));
    assert_eq!(due(&mut wheel, 11 * TICK), BTreeSet::from([0]));
    wheel.set(0, at(u64::MAX - TICK));
    assert_eq!(due(&mut wheel, u64::MAX - 2 * TICK), BTreeSet::new());
    assert_eq!(due(&mut wheel, u64::MAX), BTreeSet::from([0]));
}
