//! Completion ports: packets, threads, and the limit on those that run.
//!
//! The threads of these tests do one thing at a time, when they are told to (`worker.rs`), and the figures of the
//! port change before a call returns. So what must not happen can be asserted without waiting for it.

// The helpers that are not tests themselves may fail like tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod blocking;
#[cfg(target_os = "linux")]
#[path = "../common/child.rs"]
mod child;
mod close;
mod limit;
mod many;
mod membership;
#[cfg(target_os = "linux")]
mod monitor;
mod order;
mod post;
#[path = "../../src/random.rs"]
#[expect(dead_code, reason = "the unit tests of the library use all of it")]
mod random;
#[path = "../common/worker.rs"]
mod serving;
mod stress;
#[cfg(windows)]
#[path = "../common/system/mod.rs"]
mod system;
mod times;
#[path = "../common/until.rs"]
mod until;
#[cfg(windows)]
mod windows;

use std::time::Duration;

use ringport::port::{Monitor, PortWaitError};
use ringport::{CompletionPort, Packet};

/// A port whose threads may sleep on a test's behalf without being found out.
pub(crate) fn port(concurrency: usize) -> CompletionPort {
    CompletionPort::builder().concurrency(concurrency).monitor(Monitor::Off).build().unwrap()
}

/// Whether a post has decided who runs, and the figures tell it, before it returns.
pub(crate) fn decides_at_once() -> bool {
    if cfg!(windows) {
        eprintln!("skipped: Windows decides who runs by itself, a moment later (see windows.rs)");
    }
    !cfg!(windows)
}

/// What a posted packet carries.
pub(crate) fn posted(packet: Packet) -> (u64, u64) {
    match packet {
        Packet::Posted { key, value } => (key, value),
        other => panic!("not posted: {other:?}"),
    }
}

/// The threads of these tests.
mod worker {
    pub(crate) type Worker = crate::serving::Worker<ringport::CompletionPort>;
}

impl serving::Serves for CompletionPort {
    type Packet = Packet;

    fn wait(&self, time: Option<Duration>) -> Result<Packet, PortWaitError> {
        CompletionPort::wait(self, time)
    }

    fn waiting(&self) -> usize {
        self.counters().waiting
    }

    fn patience(&self) -> Duration {
        until::PATIENCE
    }

    fn until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        until::until(what, look)
    }

    fn posted(packet: Packet) -> (u64, u64) {
        posted(packet)
    }
}
