//! io_uring is forbidden, in every way in which that is done: the library falls back and says so once.
//!
//! On Linux only: it takes filters of system calls, and namespaces.

use ringport::backend::{BackendError, explain, features};
use ringport::queue::QueueError;
use ringport::{BackendChoice, BackendKind};

use crate::choice::automatic;
use crate::common::child::{Child, inside};
use crate::common::rig::{Rig, builder, bytes, limits};
use crate::common::seccomp;

fn uring_runs_here() -> bool {
    let refusal = explain(BackendChoice::Uring).err();
    refusal.iter().for_each(|refusal| eprintln!("skipped the part with io_uring: {refusal}"));
    refusal.is_none()
}

/// Forbids io_uring here in the way that `calls` and `error` say, and sees what the library makes of it.
fn runs_without_io_uring(calls: &[libc::c_long], error: i32) -> String {
    seccomp::install(false, calls, seccomp::fail_with(error), libc::SECCOMP_RET_ALLOW);
    assert_eq!(automatic().unwrap(), BackendKind::Epoll);
    assert_eq!(automatic().unwrap(), BackendKind::Epoll);
    let refused = builder(BackendChoice::Uring, 16).polled().unwrap_err();
    assert!(matches!(refused, QueueError::Backend(BackendError::UringUnavailable { .. })), "{refused:?}");
    assert!(features().iter().any(|feature| feature.required && !feature.present));
    let mut rig = Rig::new(BackendChoice::Epoll, limits(1, 1));
    rig.post(0..1);
    rig.arrive(b"works");
    assert_eq!(bytes(&rig.take_one()), b"works");
    refused.to_string()
}

/// Starts the test again; what it says on standard error names the fallback exactly once.
fn falls_back_and_says_so_once(child: Child) {
    let output = child.run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<_> = said.lines().filter(|line| line.starts_with("ringport: using epoll")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("io_uring cannot run here"), "{said}");
}

#[test]
fn io_uring_forbidden_by_a_filter() {
    if !inside() {
        return falls_back_and_says_so_once(Child::new("forbidden::io_uring_forbidden_by_a_filter", None));
    }
    let refused = runs_without_io_uring(&[libc::SYS_io_uring_setup], libc::EPERM);
    assert!(refused.contains("seccomp") || refused.contains("io_uring_disabled"), "{refused}");
}

#[test]
fn io_uring_hidden_by_a_filter() {
    if !inside() {
        return falls_back_and_says_so_once(Child::new("forbidden::io_uring_hidden_by_a_filter", None));
    }
    let all = [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];
    let refused = runs_without_io_uring(&all, libc::ENOSYS);
    assert!(refused.contains("no io_uring"), "{refused}");
}

#[test]
fn io_uring_forbidden_in_part() {
    if !inside() {
        if uring_runs_here() {
            falls_back_and_says_so_once(Child::new("forbidden::io_uring_forbidden_in_part", None));
        }
        return;
    }
    // Rings may be made and entered here, but nothing registered.
    runs_without_io_uring(&[libc::SYS_io_uring_register], libc::EPERM);
}

#[test]
fn io_uring_forbidden_by_the_administrator_is_told_with_the_setting() {
    let test = "forbidden::io_uring_forbidden_by_the_administrator_is_told_with_the_setting";
    if !inside() {
        // Another kernel setting needs the whole machine, so a namespace shows a file in its place.
        if let Err(error) = Child::new(test, None).in_namespaces(libc::CLONE_NEWNS).try_run() {
            eprintln!("skipped: no namespaces here: {error}");
        }
        return;
    }
    let setting = c"/proc/sys/kernel/io_uring_disabled";
    if !std::path::Path::new(setting.to_str().unwrap()).exists() {
        eprintln!("skipped: this kernel has no such setting");
        return;
    }
    let file = std::env::temp_dir().join(format!("ringport-setting-{}", std::process::id()));
    std::fs::write(&file, "2\n").unwrap();
    let source = std::ffi::CString::new(file.to_str().unwrap()).unwrap();
    // SAFETY: both paths end with a zero and outlive the call; a bind mount takes no other pointer.
    let mounted = unsafe {
        libc::mount(source.as_ptr(), setting.as_ptr(), std::ptr::null(), libc::MS_BIND, std::ptr::null())
    };
    let mounted = (mounted, std::io::Error::last_os_error());
    std::fs::remove_file(&file).unwrap();
    if mounted.0 != 0 {
        eprintln!("skipped: the setting cannot be shown another way: {}", mounted.1);
        return;
    }
    let refused = runs_without_io_uring(&[libc::SYS_io_uring_setup], libc::EPERM);
    assert!(refused.contains("kernel.io_uring_disabled = 2 forbids it; set it to 0"), "{refused}");
}

#[test]
fn io_uring_forbidden_while_the_process_runs() {
    if !inside() {
        if uring_runs_here() {
            let output = Child::new("forbidden::io_uring_forbidden_while_the_process_runs", None).run();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(said.matches("ringport: using epoll, io_uring failed to open").count(), 1, "{said}");
        }
        return;
    }
    assert_eq!(automatic().unwrap(), BackendKind::Uring);
    seccomp::install(
        false,
        &[libc::SYS_io_uring_setup],
        seccomp::fail_with(libc::EPERM),
        libc::SECCOMP_RET_ALLOW,
    );
    assert_eq!(automatic().unwrap(), BackendKind::Epoll);
    assert_eq!(automatic().unwrap(), BackendKind::Epoll);
    let refused = builder(BackendChoice::Uring, 16).polled().unwrap_err();
    assert!(matches!(refused, QueueError::Backend(BackendError::System { .. })), "{refused:?}");
}
