//! The lock policy under a limit: what an ordinary user with 64 KiB of lockable memory gets.
//!
//! The limit does not bind the superuser, so the test runs itself again as a child: with the limit lowered, and as
//! an ordinary user. It is a limit of Linux.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/ordinary_user.rs"]
mod ordinary_user;

use ordinary_user::passes_as_ordinary_user;
use ringport::memory::{LockLimitName, LockState, MemoryError};
use ringport::{BufferPool, Lock};

const ROLE: &str = "RINGPORT_TEST_LIMITED";
const LIMIT: usize = 64 * 1024;

/// True in the child, which then does the work of the test.
fn limited(name: &str) -> bool {
    if std::env::var_os(ROLE).is_some() {
        println!("under the limit");
        return true;
    }
    if let Some(text) = passes_as_ordinary_user(name, "ulimit -l 64", ROLE) {
        assert!(text.contains("under the limit"), "the child did not run it: {text}");
    }
    false
}

#[test]
fn preferred_runs_unlocked_and_says_so_once() {
    if !limited("preferred_runs_unlocked_and_says_so_once") {
        return;
    }
    let pool = BufferPool::builder().build().unwrap();
    let figures = pool.figures();
    let LockState::Unlocked { reason } = figures.lock_state else { panic!("{:?}", figures.lock_state) };
    assert_eq!((reason.limit, reason.allowed), (LockLimitName::MemoryLock, LIMIT));
    assert_eq!((reason.asked, reason.locked), (figures.registered_bytes, 0));
    assert_eq!(figures.locked_bytes, 0);
    let said = figures.lock_state.to_string();
    for word in ["running unlocked", "RLIMIT_MEMLOCK", "65536", "ulimit -l", "LimitMEMLOCK=", "CAP_IPC_LOCK"]
    {
        assert!(said.contains(word), "{word} is missing: {said}");
    }
    assert_eq!((pool.lock_notice(), pool.lock_notice()), (Some(reason), None));
    assert_eq!(&pool.take_with(b"works").unwrap()[..], b"works");
}

#[test]
fn required_fails_and_names_the_limit() {
    if !limited("required_fails_and_names_the_limit") {
        return;
    }
    let error = BufferPool::builder().lock(Lock::Required).build().unwrap_err();
    let MemoryError::LockLimit { limit, asked, allowed, locked } = error else { panic!("{error}") };
    assert_eq!((limit, allowed, locked), (LockLimitName::MemoryLock, LIMIT, 0));
    assert!(asked > 1024 * 2048, "{asked}");
    assert!(
        error.to_string().contains("RLIMIT_MEMLOCK") && error.to_string().contains("ulimit -l"),
        "{error}"
    );
}

#[test]
fn what_fits_is_locked_and_growth_past_the_limit_is_refused() {
    if !limited("what_fits_is_locked_and_growth_past_the_limit_is_refused") {
        return;
    }
    // 10 slices of 2,240 bytes with their headroom: 24,576 bytes in whole pages, so two regions fit and not three.
    let builder = BufferPool::builder().slices_per_region(10).regions(1..=8);
    let pool = builder.clone().lock(Lock::Required).build().unwrap();
    let held: Vec<_> = (0..20).map(|_| pool.take().unwrap()).collect();
    let refused = pool.take().unwrap_err();
    assert_eq!((refused.regions, pool.figures().locked_bytes), (2, 2 * 24_576));
    assert_eq!(pool.figures().lock_state, LockState::Locked);
    assert!(refused.to_string().contains("RLIMIT_MEMLOCK"), "{refused}");
    drop((held, pool));
    let pool = builder.build().unwrap();
    let _held: Vec<_> = (0..30).map(|_| pool.take().unwrap()).collect();
    let figures = pool.figures();
    assert_eq!((figures.locked_bytes, figures.registered_bytes), (2 * 24_576, 3 * 24_576));
    assert!(matches!(figures.lock_state, LockState::Unlocked { reason } if reason.locked == 2 * 24_576));
}
