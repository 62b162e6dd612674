//! The budget: how much memory there is, what of it is locked, and what its slices are doing.

use ringport::Lock;
use ringport::memory::{LockLimitName, LockState, MemoryError};

use super::rig::{Memory, Plan};
#[cfg(target_os = "linux")]
use super::rig::{lock_limit, without_lock_privilege};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::{Scene, SendAs, limits};

pub(super) const TABLE: Table = Table {
    name: "budget",
    title: "The budget",
    rows: &[
        row!(
            it_is_known_before_the_first_byte,
            "Regions, slices and bytes registered and locked are known when the pool is made.",
            broken by "the bytes are told after the first take",
        ),
        row!(
            figures_tell_what_slices_are_doing,
            "The figures count slices that are free, in use, and in flight.",
            broken by "those in flight are counted as none",
        ),
        row!(
            the_lowest_number_free_is_remembered,
            "The figures keep the lowest number of slices that was ever free.",
            broken by "they tell what is free now",
        ),
        row!(
            the_configured_maximum_is_kept,
            "A pool at its maximum refuses, and tells the slices, the regions and the maximum.",
            broken by "a slice beyond the maximum is given",
        ),
        row!(
            its_own_limit_is_named,
            "Memory beyond the pool's own limit on locked bytes is refused with that limit, what was asked and what is allowed.",
            broken by "the pool is made without a lock",
        ),
        row!(
            the_limit_of_the_system_is_named,
            "Memory beyond RLIMIT_MEMLOCK is refused with that limit, what was asked and what is allowed.",
            broken by "the pool is made without a lock",
            only on linux: "the limit there is the working set, which the library raises, and Wine locks whatever it is asked to",
        ),
        row!(
            running_unlocked_is_told,
            "Where a lock was preferred and could not be had, the pool works, and tells why once.",
            broken by "it says that it is locked",
        ),
    ],
};

fn it_is_known_before_the_first_byte(world: &World) {
    let plan = Plan { slices: 32, lock: Lock::Preferred, ..Plan::default() };
    let memory = Memory::new(world, plan).unwrap();
    let before = memory.figures();
    assert_eq!((before.regions, before.slices, before.free, before.used), (1, 32, 32, 0));
    assert!(before.registered_bytes >= 32 * 100, "{} bytes", before.registered_bytes);
    let _slices = memory.take_many(32);
    let after = memory.figures();
    assert_eq!((after.registered_bytes, after.locked_bytes), (before.registered_bytes, before.locked_bytes));
    assert_eq!((after.free, after.used, after.grown), (0, 32, 0));
}

fn figures_tell_what_slices_are_doing(world: &World) {
    let scene = Scene::new(world, limits(3, 2));
    let before = scene.pool.figures();
    let _held = scene.pool.take();
    scene.post(0..3);
    let later = SendAs::to(scene.client_address()).defer();
    (3..5).for_each(|token| scene.requests.send_as(later, scene.pool.filled(b"x"), token).unwrap());
    let figures = scene.pool.figures();
    assert_eq!((figures.free, figures.used), (before.slices - 6, 6));
    assert_eq!((figures.receiving, figures.sending), (3, 2));
}

fn the_lowest_number_free_is_remembered(world: &World) {
    let memory = Memory::new(world, Plan::default()).unwrap();
    assert_eq!(memory.figures().lowest_free, 4);
    drop(memory.take_many(3));
    drop(memory.take_many(1));
    assert_eq!((memory.figures().free, memory.figures().lowest_free), (4, 1));
}

fn the_configured_maximum_is_kept(world: &World) {
    let memory = Memory::new(world, Plan::regions(1..=2)).unwrap();
    let _slices = memory.take_many(8);
    let refused = memory.take().unwrap_err();
    assert_eq!((refused.slices, refused.regions, refused.maximum_regions), (8, 2, 2));
    assert_eq!(memory.figures().exhausted, 1);
}

fn its_own_limit_is_named(world: &World) {
    let limited = |bytes| Plan { lock: Lock::Required, locked_limit: Some(bytes), ..Plan::default() };
    let refused = Memory::new(world, limited(100)).err().expect("more was locked than is allowed");
    let MemoryError::LockLimit { limit, asked, allowed, locked } = refused else { panic!("{refused}") };
    assert_eq!((limit, allowed, locked), (LockLimitName::LockedLimit, 100, 0));
    assert!(asked >= 4 * 100, "{asked} bytes");
}

#[cfg(target_os = "linux")]
fn the_limit_of_the_system_is_named(world: &World) {
    let limit = lock_limit();
    without_lock_privilege();
    let plan = Plan { slice_size: limit, slices: 1, lock: Lock::Required, ..Plan::default() };
    let refused = Memory::new(world, plan).err().expect("more was locked than is allowed");
    let MemoryError::LockLimit { limit: name, asked, allowed, .. } = refused else { panic!("{refused}") };
    assert_eq!((name, allowed), (LockLimitName::MemoryLock, limit));
    assert!(asked > limit, "{asked} bytes");
}

fn running_unlocked_is_told(world: &World) {
    let plan = Plan { lock: Lock::Preferred, locked_limit: Some(100), ..Plan::default() };
    let memory = Memory::new(world, plan).unwrap();
    let state = memory.figures().lock_state;
    let LockState::Unlocked { reason } = state else { panic!("{state}") };
    assert_eq!((reason.limit, reason.allowed, reason.locked), (LockLimitName::LockedLimit, 100, 0));
    assert_eq!((memory.lock_notice(), memory.lock_notice()), (Some(reason), None));
    assert_eq!(&memory.take_with(b"it works").unwrap()[..], b"it works");
}
