//! What costs no system call: shown by the queue's own count, and by a filter that kills whoever makes one.
//!
//! On Linux only: it takes filters of system calls.

use ringport::{BackendChoice, BackendKind, Receive};

use crate::common::child::{Child, inside};
use crate::common::rig::{Rig, limits};
use crate::common::{on_each_backend, seccomp};

on_each_backend!(
    posting_and_arming_make_no_call,
    an_empty_dequeue_makes_as_few_calls_as_it_can,
    a_batch_shares_its_calls
);

fn posting_and_arming_make_no_call(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(500, 1));
    let before = rig.queue.system_calls();
    rig.post(0..400);
    (400..500).for_each(|token| rig.requests.receive_from(rig.marked(token), token).unwrap());
    assert_eq!(rig.queue.system_calls(), before);
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.system_calls(), before);
    // Also while the kernel holds some of them.
    let mut rig = Rig::new(choice, limits(500, 1));
    rig.post(0..1);
    rig.take_none();
    let before = rig.queue.system_calls();
    rig.post(1..500);
    assert_eq!(rig.queue.system_calls(), before);
}

fn an_empty_dequeue_makes_as_few_calls_as_it_can(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    let each = match rig.queue.backend() {
        BackendKind::Uring => 0,
        // It has no memory in common with the kernel.
        _ => 1,
    };
    for kind in 0..4 {
        match kind {
            0 => {}
            1 => rig.post(0..8),
            2 => {
                rig.requests.cancel();
                drop(rig.take(8));
                (0..8).for_each(|token| rig.requests.receive_from(rig.marked(0), token).unwrap());
            }
            // Armed, and after traffic.
            _ => {
                (0..8).for_each(|_| rig.arrive(b"x"));
                drop(rig.take(8));
                rig.post(0..8);
                rig.queue.notify().unwrap();
            }
        }
        // What was posted reaches the kernel with the first look.
        rig.take_none();
        let before = rig.queue.system_calls();
        (0..1000).for_each(|_| rig.take_none());
        assert!(rig.queue.system_calls() - before <= 1000 * each, "kind {kind}");
    }
}

fn a_batch_shares_its_calls(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(64, 1));
    for options in [Receive::new(), Receive::new().addresses()] {
        for _ in 0..20 {
            for token in 0..64 {
                rig.requests.receive_with(rig.marked(0), options, token).unwrap();
            }
            rig.take_none();
            (0..64).for_each(|_| rig.arrive(b"x"));
            let before = rig.queue.system_calls();
            drop(rig.take(64));
            let calls = rig.queue.system_calls() - before;
            assert!(calls <= 16, "{calls} calls for 64 datagrams");
        }
    }
}

/// What a thread needs to run and to end, but nothing by which data could move.
const HARMLESS: [libc::c_long; 12] = [
    libc::SYS_futex,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_exit,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
];

#[test]
fn a_filter_that_kills_lets_empty_dequeues_over_io_uring_pass() {
    if !inside() {
        return match ringport::backend::explain(BackendChoice::Uring) {
            Ok(_) => drop(
                Child::new("system_calls::a_filter_that_kills_lets_empty_dequeues_over_io_uring_pass", None)
                    .run(),
            ),
            Err(error) => eprintln!("skipped: {error}"),
        };
    }
    let strict = std::thread::spawn(|| {
        let mut rig = Rig::new(BackendChoice::Uring, limits(64, 1));
        rig.post(0..32);
        rig.take_none();
        seccomp::install(false, &HARMLESS, libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_KILL_PROCESS);
        rig.post(32..64);
        (0..1000).for_each(|_| rig.take_none());
        rig.queue.notify().unwrap();
        // Nothing may be closed here any more.
        std::mem::forget(rig);
    });
    strict.join().unwrap();
}

#[test]
fn the_filter_kills_whoever_makes_a_call() {
    let test = "system_calls::the_filter_kills_whoever_makes_a_call";
    if !inside() {
        let killed = std::panic::catch_unwind(|| Child::new(test, None).run());
        return assert!(killed.is_err(), "the filter let it live");
    }
    seccomp::install(false, &HARMLESS, libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_KILL_PROCESS);
    Rig::new(BackendChoice::Epoll, limits(1, 1)).take_none();
}
