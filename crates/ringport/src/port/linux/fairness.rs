//! That neither posted packets nor what completes in the kernel keeps the other from ever being taken.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::poller::Poller;
use crate::port::{CompletionPort, Packet, PortWaitError};

const KERNEL: u64 = 1;
const POSTED: u64 = 2;

/// A kernel in which something is always done, and that never sleeps.
#[derive(Default)]
struct Kernel {
    looks: AtomicUsize,
    sleeps: AtomicUsize,
    pokes: AtomicUsize,
}

impl Poller for Kernel {
    fn poll(&self, time: Option<Duration>, _: usize, made: &mut Vec<Packet>) -> io::Result<()> {
        let kind = if time == Some(Duration::ZERO) { &self.looks } else { &self.sleeps };
        let value = kind.fetch_add(1, Ordering::Relaxed) as u64;
        made.push(Packet::Posted { key: KERNEL, value });
        Ok(())
    }

    fn poke(&self) {
        self.pokes.fetch_add(1, Ordering::Relaxed);
    }
}

fn polling() -> (CompletionPort, Arc<Kernel>) {
    let (port, kernel) = (CompletionPort::new(1).unwrap(), Arc::new(Kernel::default()));
    port.core().begin_polling(Arc::clone(&kernel) as Arc<dyn Poller>);
    (port, kernel)
}

fn key(packet: Result<Packet, PortWaitError>) -> u64 {
    match packet.unwrap() {
        Packet::Posted { key, .. } => key,
        other => panic!("not posted: {other:?}"),
    }
}

#[test]
fn a_queue_that_never_runs_empty_does_not_hide_the_kernel() {
    let (port, kernel) = polling();
    port.post(POSTED, 0).unwrap();
    let mut came = [0; 3];
    for _ in 0..1000 {
        port.post(POSTED, 0).unwrap();
        came[key(port.wait(None)) as usize] += 1;
    }
    assert!(came[KERNEL as usize] >= 10, "{came:?}");
    assert!(came[POSTED as usize] >= 900, "a look is the exception: {came:?}");
    // Nothing of what was found is lost: it stands in the queue, in its turn.
    let found = kernel.looks.load(Ordering::Relaxed) + kernel.sleeps.load(Ordering::Relaxed);
    let queued = port.counters().queued;
    assert_eq!(1001 + found, 1000 + queued);
}

#[test]
fn a_kernel_that_always_has_something_does_not_hide_the_queue() {
    let (port, kernel) = polling();
    for _ in 0..100 {
        assert_eq!(key(port.wait(None)), KERNEL);
    }
    let before = kernel.sleeps.load(Ordering::Relaxed);
    port.post(POSTED, 0).unwrap();
    assert_eq!(key(port.wait(None)), POSTED, "what is queued comes before another look");
    assert_eq!(kernel.sleeps.load(Ordering::Relaxed), before);
}

#[test]
fn an_empty_queue_is_no_reason_to_look_twice() {
    let (port, kernel) = polling();
    (0..300).for_each(|_| assert_eq!(key(port.wait(None)), KERNEL));
    assert_eq!((kernel.looks.load(Ordering::Relaxed), kernel.sleeps.load(Ordering::Relaxed)), (0, 300));
}
