//! Threads that block without saying so.
//!
//! On Linux only: elsewhere the system finds out by itself, and the library watches nobody.

use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ringport::CompletionPort;
use ringport::port::{Monitor, MonitorState, PortError};

use crate::child::{Child, inside};
use crate::until::until;
use crate::worker::Worker;
use crate::{port, posted};

/// A port whose monitor looks often.
fn watched(concurrency: usize) -> CompletionPort {
    let monitor = Monitor::Every(Duration::from_millis(1));
    CompletionPort::builder().concurrency(concurrency).monitor(monitor).build().unwrap()
}

/// The first thread took a packet and sleeps, unmarked; the second was released in its place, and took the next.
fn replaced(port: &CompletionPort) -> (Worker, Worker) {
    let second = Worker::waiting(port);
    let first = Worker::waiting(port);
    port.post(0, 1).unwrap();
    assert_eq!(first.packet(), (0, 1));
    port.post(0, 2).unwrap();
    assert_eq!(second.packet(), (0, 2));
    (first, second)
}

#[test]
fn a_thread_that_blocks_is_replaced() {
    let port = watched(1);
    let (_first, _second) = replaced(&port);
    let counters = port.counters();
    assert_eq!((counters.running, counters.released, counters.released_by_monitor), (1, 1, 1));
    assert_eq!((counters.waiting, counters.blocked, counters.queued), (0, 0, 0));
}

#[test]
fn one_that_comes_back_counts_again_until_its_next_wait() {
    let port = watched(1);
    let (first, second) = replaced(&port);
    let (done, busy) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (end, working) = (Arc::clone(&done), Arc::clone(&busy));
    first.run(move || {
        working.store(true, Ordering::Release);
        while !end.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
    });
    // It runs before that, too, on its way there.
    until("it works", || busy.load(Ordering::Acquire).then_some(()));
    until("it is seen to run", || (port.counters().released == 0).then_some(()));
    assert_eq!(port.counters().running, 2);
    done.store(true, Ordering::Release);
    port.post(0, 3).unwrap();
    // The second one may be found asleep in turn, and then one of the two is handed the packet by the monitor.
    second.wait();
    first.wait();
    until("the packet is taken", || (port.counters().queued == 0).then_some(()));
    port.close();
}

#[test]
fn one_that_waits_is_a_waiter_like_any() {
    let port = watched(1);
    let (first, second) = replaced(&port);
    second.wait_asleep();
    first.wait_asleep();
    let counters = port.counters();
    assert_eq!((counters.running, counters.released, counters.waiting), (0, 0, 2));
    port.post(0, 3).unwrap();
    assert_eq!(first.packet(), (0, 3));
    assert_eq!(port.counters().released_by_monitor, 1);
}

#[test]
fn one_that_was_released_may_declare_that_it_blocks() {
    let port = watched(1);
    let (first, _second) = replaced(&port);
    let inner = port.clone();
    let counters = first.finish(move || inner.blocking(|| inner.counters()));
    assert_eq!((counters.released, counters.blocked), (0, 1));
    let counters = port.counters();
    assert_eq!(counters.blocked, 0);
    // It was put back into the count; since then it may have been found asleep again, or not.
    assert_eq!(counters.running + counters.released, 2);
}

#[test]
fn one_that_ends_while_released_leaves_nothing() {
    let port = watched(1);
    let (first, second) = replaced(&port);
    first.end().unwrap();
    second.end().unwrap();
    let counters = port.counters();
    assert_eq!((counters.threads, counters.running, counters.released), (0, 0, 0));
}

#[test]
fn one_that_works_is_left_alone() {
    let port = watched(1);
    port.post(0, 1).unwrap();
    posted(port.wait(None).unwrap());
    let other = Worker::waiting(&port);
    port.post(0, 2).unwrap();
    // From here on this thread runs, and another is kept waiting for it.
    until("the monitor has looked often", || (port.counters().monitor_ticks > 20).then_some(()));
    assert_eq!((port.counters().released_by_monitor, port.counters().queued), (0, 1));
    assert!(other.is_silent());
    port.close();
}

#[test]
fn nothing_wakes_it_while_all_threads_wait() {
    let port = watched(1);
    let workers = Worker::several(&port, 3);
    until("the monitor has begun", || (port.counters().monitor_ticks > 0).then_some(()));
    until("it rests", || (port.counters().monitor == MonitorState::Resting).then_some(()));
    let before = port.counters().monitor_ticks;
    // Many times its tick, which another port spends waiting.
    assert!(crate::port(1).wait(Some(Duration::from_millis(100))).is_err());
    assert_eq!((port.counters().monitor_ticks, port.counters().monitor), (before, MonitorState::Resting));
    // One that runs keeps nobody waiting here.
    port.post(0, 1).unwrap();
    assert_eq!(workers[2].packet(), (0, 1));
    assert!(crate::port(1).wait(Some(Duration::from_millis(50))).is_err());
    assert_eq!(port.counters().monitor_ticks, before);
}

#[test]
fn one_thread_alone_has_no_monitor() {
    let port = watched(1);
    port.post(0, 1).unwrap();
    port.post(0, 2).unwrap();
    posted(port.wait(None).unwrap());
    assert!(crate::port(1).wait(Some(Duration::from_millis(20))).is_err());
    assert_eq!((port.counters().monitor_ticks, port.counters().monitor), (0, MonitorState::Resting));
}

#[test]
fn without_it_only_scopes_hand_a_place_on() {
    let port = port(1);
    let (second, first) = (Worker::waiting(&port), Worker::waiting(&port));
    port.post(0, 1).unwrap();
    port.post(0, 2).unwrap();
    assert_eq!(first.packet(), (0, 1));
    let inner = port.clone();
    first.finish(move || inner.blocking(|| until("it is", || (inner.counters().queued == 0).then_some(()))));
    assert_eq!(second.packet(), (0, 2));
    assert_eq!((port.counters().monitor, port.counters().monitor_ticks), (MonitorState::Off, 0));
}

#[test]
fn a_tick_that_is_no_time_is_refused() {
    let build = |every| CompletionPort::builder().monitor(Monitor::Every(every)).build().map(drop);
    assert!(matches!(build(Duration::ZERO), Err(PortError::MonitorTick { asked: Duration::ZERO, .. })));
    build(Duration::from_micros(100)).unwrap();
    build(Duration::MAX).unwrap();
}

/// How many threads of this process are monitors.
fn monitors() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    tasks.filter_map(name).filter(|name| name.trim_end() == "ringport-watch").count()
}

#[test]
fn it_ends_with_its_port() {
    if !inside() {
        Child::new("monitor::it_ends_with_its_port", None).run();
        return;
    }
    for state in [MonitorState::Resting, MonitorState::Watching] {
        let monitor = Monitor::Every(Duration::from_secs(1_000_000));
        let port = CompletionPort::builder().concurrency(1).monitor(monitor).build().unwrap();
        let workers = Worker::several(&port, 3);
        if state == MonitorState::Watching {
            (0..2).for_each(|value| port.post(0, value).unwrap());
        }
        let there = || port.counters().monitor_ticks > 0 && port.counters().monitor == state;
        until("the monitor has begun", || there().then_some(()));
        assert_eq!(monitors(), 1);
        // The threads hold handles of their own. They are told to drop them, and the last handle closes the port.
        let last = port.clone();
        for worker in workers.into_iter().rev() {
            // The freshest runs, or is about to. When it ends, the next is the freshest.
            port.post(0, 9).unwrap();
            worker.end().unwrap();
        }
        drop(port);
        assert_eq!(monitors(), 1);
        drop(last);
        until("the monitor has ended", || (monitors() == 0).then_some(()));
    }
}

/// Hides `/proc` behind an empty directory, from this process only.
fn hide_proc() -> std::io::Result<()> {
    let (kind, place): (&CStr, &CStr) = (c"tmpfs", c"/proc");
    // SAFETY: the names end with a zero and outlive the call; no data is passed.
    match unsafe { libc::mount(kind.as_ptr(), place.as_ptr(), kind.as_ptr(), 0, std::ptr::null()) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

#[test]
fn where_threads_cannot_be_read_it_says_so_and_scopes_work() {
    if !inside() {
        let test = "monitor::where_threads_cannot_be_read_it_says_so_and_scopes_work";
        if let Err(error) = Child::new(test, None).in_namespaces(libc::CLONE_NEWNS).try_run() {
            eprintln!("skipped: no namespaces here: {error}");
        }
        return;
    }
    let said = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    assert!(ringport::notice::set_listener(move |notice| heard.lock().unwrap().push(notice.to_owned())));
    if let Err(error) = hide_proc() {
        return eprintln!("skipped: /proc cannot be hidden here: {error}");
    }
    for _ in 0..2 {
        let port = watched(1);
        let (second, first) = (Worker::waiting(&port), Worker::waiting(&port));
        until("it gives up", || (port.counters().monitor == MonitorState::Unavailable).then_some(()));
        (1..3).for_each(|value| port.post(0, value).unwrap());
        assert_eq!(first.packet(), (0, 1));
        let inner = port.clone();
        first.run(move || inner.blocking(|| until("a", || (inner.counters().queued == 0).then_some(()))));
        assert_eq!(second.packet(), (0, 2));
        port.close();
    }
    let said = said.lock().unwrap();
    assert!(said.len() == 1 && said[0].contains("the states of threads cannot be read"), "{said:?}");
}
