//! The lock policy under a limit: what an ordinary user with 64 KiB of lockable memory gets.
//!
//! The limit does not bind the superuser, so the test runs itself again as a child: with the limit lowered, and as
//! an ordinary user.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ringport::memory::{LockLimitName, LockState, MemoryError};
use ringport::{BufferPool, Lock};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

const ROLE: &str = "RINGPORT_TEST_LIMITED";
const LIMIT: usize = 64 * 1024;
const NOBODY: u32 = 65_534;

/// Runs the test `name` again under the limit; false (and a word) where that cannot be done.
fn again_as_ordinary_user(name: &str) -> bool {
    // A copy where every user may run it: the build's own directory may be private.
    let directory = std::env::temp_dir().join(format!("ringport-limited-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let script = r#"ulimit -l 64 || exit 99; "$0" --exact "$1" --nocapture --test-threads=1"#;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).arg(&program).arg(name).env(ROLE, "yes").current_dir("/");
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.gid(NOBODY).uid(NOBODY);
    }
    let output = command.output();
    std::fs::remove_dir_all(&directory).unwrap();
    let output = match output {
        Ok(output) if !matches!(output.status.code(), Some(99 | 126 | 127)) => output,
        other => {
            println!("skipped: cannot run as an ordinary user with a limit: {other:?}");
            return false;
        }
    };
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("1 passed") && text.contains("under the limit"),
        "the child did not run it: {text}"
    );
    true
}

/// True in the child, which then does the work of the test.
fn limited(name: &str) -> bool {
    if std::env::var_os(ROLE).is_some() {
        println!("under the limit");
        return true;
    }
    again_as_ordinary_user(name);
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

#[test]
fn the_programs_own_limit_is_named_too() {
    let builder = BufferPool::builder().slices_per_region(10).regions(1..=2).locked_limit(Some(24_575));
    let error = builder.clone().lock(Lock::Required).build().unwrap_err();
    let MemoryError::LockLimit { limit, asked, allowed, locked } = error else { panic!("{error}") };
    assert_eq!((limit, asked, allowed, locked), (LockLimitName::LockedLimit, 24_576, 24_575, 0));
    let pool = builder.build().unwrap();
    assert_eq!(pool.figures().locked_bytes, 0);
    assert!(pool.figures().lock_state.to_string().contains("locked_limit"));
}
