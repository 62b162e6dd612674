//! Declared scopes: a thread that is about to block hands its place on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::time::Duration;

use ringport::CompletionPort;

use crate::until::{PATIENCE, until};
use crate::worker::Worker;
use crate::{port, posted};

/// Running and blocked.
fn counts(port: &CompletionPort) -> (usize, usize) {
    let counters = port.counters();
    (counters.running, counters.blocked)
}

/// A port of one thread at a time, which is the calling one.
fn running_here() -> CompletionPort {
    let port = port(1);
    port.post(0, 0).unwrap();
    posted(port.wait(None).unwrap());
    assert_eq!(counts(&port), (1, 0));
    port
}

#[test]
fn the_place_is_handed_on_at_once() {
    if !crate::decides_at_once() {
        return;
    }
    let port = running_here();
    let other = Worker::waiting(&port);
    port.post(0, 1).unwrap();
    assert!(other.is_silent());
    // Were the place not handed on, the packet would wait for this thread, and this thread for the packet.
    port.blocking(|| assert_eq!(other.packet(), (0, 1)));
}

#[test]
fn a_thread_that_returns_exceeds_the_limit_until_the_next_wait() {
    if !crate::decides_at_once() {
        return;
    }
    let port = running_here();
    let other = Worker::waiting(&port);
    port.post(0, 1).unwrap();
    port.post(0, 2).unwrap();
    port.blocking(|| assert_eq!(other.packet(), (0, 1)));
    assert_eq!(counts(&port), (2, 0));
    other.wait_asleep();
    assert_eq!((counts(&port), port.counters().queued), ((1, 0), 1), "the other one stepped back");
    assert_eq!(posted(port.wait(None).unwrap()), (0, 2));
    port.close();
}

#[test]
fn a_scope_in_a_scope_changes_nothing() {
    let port = running_here();
    port.blocking(|| {
        assert_eq!(port.blocking(|| counts(&port)), (0, 1));
        assert_eq!(counts(&port), (0, 1), "the outer one goes on");
    });
    assert_eq!(counts(&port), (1, 0));
}

#[test]
fn a_panic_ends_the_scope() {
    let port = running_here();
    let panicked = catch_unwind(AssertUnwindSafe(|| port.blocking(|| panic!("on purpose"))));
    assert!(panicked.is_err());
    assert_eq!(counts(&port), (1, 0));
}

#[test]
fn a_wait_inside_ends_the_scope() {
    let port = running_here();
    port.post(0, 1).unwrap();
    port.blocking(|| {
        assert_eq!(posted(port.wait(None).unwrap()), (0, 1));
        assert_eq!(counts(&port), (1, 0));
        assert_eq!(port.blocking(|| counts(&port)), (0, 1), "another one may begin");
        assert_eq!(counts(&port), (1, 0));
    });
    assert_eq!(counts(&port), (1, 0));
}

#[test]
fn a_wait_elsewhere_inside_leaves_nothing_blocked() {
    let (first, second) = (running_here(), port(1));
    second.post(0, 9).unwrap();
    first.blocking(|| assert_eq!(posted(second.wait(None).unwrap()), (0, 9)));
    assert_eq!((counts(&first), first.counters().threads), ((0, 0), 0));
    assert_eq!((counts(&second), second.counters().threads), ((1, 0), 1));
}

#[test]
fn a_thread_that_is_no_member_only_runs_it() {
    let (port, other) = (running_here(), port(1));
    assert_eq!(other.blocking(|| (counts(&port), counts(&other))), ((1, 0), (0, 0)));
    assert_eq!((counts(&other), other.counters().threads), ((0, 0), 0));
}

#[test]
fn a_member_of_a_closed_port_only_runs_it() {
    let port = running_here();
    port.close();
    assert!(port.wait(None).is_err());
    assert_eq!(port.blocking(|| counts(&port)), (0, 0));
    assert_eq!(counts(&port), (0, 0));
}

#[test]
fn a_scope_that_outlasts_the_port_is_no_harm() {
    let port = running_here();
    port.blocking(|| port.close());
    assert_eq!(counts(&port), (1, 0));
    assert!(port.wait(Some(Duration::ZERO)).is_err());
    assert_eq!(counts(&port), (0, 0));
}

#[test]
fn all_threads_may_block_at_once() {
    const THREADS: usize = 8;
    let port = port(1);
    let workers = Worker::several(&port, THREADS);
    let (inside, entered) = channel();
    let ends = workers.iter().enumerate().map(|(value, worker)| {
        let (end, ended) = channel::<()>();
        port.post(0, value as u64).unwrap();
        let (port, inside) = (port.clone(), inside.clone());
        worker.run(move || {
            port.blocking(|| {
                inside.send(()).unwrap();
                let _ = ended.recv_timeout(PATIENCE);
            });
        });
        end
    });
    let ends = ends.collect::<Vec<_>>();
    (0..THREADS).for_each(|_| entered.recv_timeout(PATIENCE).unwrap());
    assert_eq!(counts(&port), (0, THREADS));
    drop(ends);
    until("all of them are back", || (counts(&port) == (THREADS, 0)).then_some(()));
    workers.into_iter().for_each(|worker| worker.end().unwrap());
    assert_eq!(counts(&port), (0, 0));
}
