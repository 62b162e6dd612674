//! The scheduler of a completion port under every interleaving that matters, with loom's locks, flags and sleep in
//! place of the real ones:
//! `RUSTFLAGS="--cfg loom" cargo test -p ringport --test loom_port --release`
//!
//! A wake-up that is lost shows as a thread that sleeps for ever, which loom reports as a deadlock.
#![cfg(loom)]

/// What the shipped source calls its locks, flags and sleep.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};
    pub(crate) use loom::thread::{Thread, current, park};

    /// No model spins: it would be one interleaving more of the same.
    pub(crate) const SPINS: bool = false;

    /// Loom has no clock. The models use times that are over before they begin, and no others.
    pub(crate) fn park_timeout(_: std::time::Duration) {
        loom::thread::yield_now();
    }
}
// The shipped source itself.
#[path = "../src/port/linux/scheduler.rs"]
#[allow(dead_code, unreachable_pub)]
mod scheduler;
#[path = "../src/port/linux/seat.rs"]
#[allow(dead_code, unreachable_pub)]
mod seat;
#[path = "../src/port/linux/spin.rs"]
#[allow(dead_code, unreachable_pub)]
mod spin;
#[path = "../src/port/linux/state.rs"]
#[allow(dead_code, unreachable_pub)]
mod state;
#[path = "../src/port/linux/watch.rs"]
#[allow(dead_code, unreachable_pub)]
mod watch;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use scheduler::{Scheduler, Step};
use seat::{Seat, Standing};
use watch::Watch;

/// What sleeps in the kernel sleeps here.
#[derive(Default)]
struct Kernel {
    poked: Mutex<bool>,
    condition: Condvar,
}

impl Kernel {
    fn poke(&self) {
        *self.poked.lock().unwrap() = true;
        self.condition.notify_one();
    }

    fn sleep(&self) {
        let mut poked = self.poked.lock().unwrap();
        while !*poked {
            poked = self.condition.wait(poked).unwrap();
        }
        *poked = false;
    }
}

/// What the monitor finds, by the number of the thread.
const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;

/// A port that delivers numbers, below eight.
struct Port {
    scheduler: Scheduler<u32>,
    kernel: Arc<Kernel>,
    limit: usize,
    /// Threads that hold a packet. Not loom's: it is looked at, and decides nothing.
    running: AtomicUsize,
    /// How often each number was delivered, three bits each.
    delivered: AtomicUsize,
}

impl Port {
    fn new(limit: usize) -> Arc<Port> {
        Arc::new(Port {
            scheduler: Scheduler::new(limit, 4),
            kernel: Arc::new(Kernel::default()),
            limit,
            running: AtomicUsize::new(0),
            delivered: AtomicUsize::new(0),
        })
    }

    /// A port whose threads look for completions in the kernel, of which there are none.
    fn polling(limit: usize) -> Arc<Port> {
        let port = Port::new(limit);
        let kernel = Arc::clone(&port.kernel);
        port.scheduler.begin_polling(Box::new(move || kernel.poke()));
        port
    }

    fn join(&self) -> Arc<Seat<u32>> {
        self.join_as(AWAKE)
    }

    fn join_as(&self, number: u32) -> Arc<Seat<u32>> {
        let seat = Seat::new(number);
        self.scheduler.change(|state| state.seats.push(Arc::clone(&seat)));
        seat
    }

    fn leave(&self, seat: &Arc<Seat<u32>>) {
        self.scheduler.change(|state| state.leave(seat));
    }

    fn deliver(&self, number: u32) {
        self.delivered.fetch_add(1 << (3 * number), Ordering::Relaxed);
    }

    /// One wait, for ever or with a time that is over.
    fn wait(&self, seat: &Arc<Seat<u32>>, deadline: Option<Instant>) -> Step {
        let mut out = |number| self.deliver(number);
        let mut step = self.scheduler.begin(seat, 1, &mut out);
        loop {
            step = match step {
                Step::Sleep => self.scheduler.sleep(seat, deadline, 1, &mut out),
                Step::Look => self.scheduler.polled(seat, std::iter::empty(), false, 1, &mut out),
                Step::Poll => {
                    if deadline.is_none() {
                        self.kernel.sleep();
                    }
                    self.scheduler.polled(seat, std::iter::empty(), deadline.is_some(), 1, &mut out)
                }
                done => return done,
            }
        }
    }

    /// Waits for a packet, holds it, and checks that no more threads than allowed do.
    fn serve(&self, seat: &Arc<Seat<u32>>) -> bool {
        let taken = matches!(self.wait(seat, None), Step::Taken(1));
        if taken {
            assert!(self.running.fetch_add(1, Ordering::Relaxed) < self.limit, "too many threads run");
            thread::yield_now();
            self.running.fetch_sub(1, Ordering::Relaxed);
        }
        taken
    }

    fn post(&self, number: u32) {
        self.scheduler.post(number, usize::MAX).unwrap();
    }

    /// Closes the port. What nobody took counts as delivered.
    fn close(&self) {
        let packets = self.scheduler.change(|state| {
            state.closed = true;
            std::mem::take(&mut state.packets)
        });
        packets.into_iter().for_each(|number| self.deliver(number));
    }

    /// All of the numbers below `count` were delivered, and once; every thread has left, and left nothing.
    fn is_done(&self, count: u32) {
        let expected = (0..count).map(|number| 1 << (3 * number)).sum::<usize>();
        assert_eq!(self.delivered.load(Ordering::Relaxed), expected, "in octal, a digit a packet");
        self.scheduler.read(|state| {
            assert_eq!((state.running, state.pollers, state.blocked, state.released), (0, 0, 0, 0));
            assert!(state.packets.is_empty() && state.sleepers.is_empty() && state.seats.is_empty());
        });
    }
}

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// A thread of the port that serves so many packets.
fn serving(port: &Arc<Port>, packets: usize) -> thread::JoinHandle<()> {
    let port = Arc::clone(port);
    thread::spawn(move || {
        let seat = port.join();
        (0..packets).for_each(|_| assert!(port.serve(&seat)));
        port.leave(&seat);
    })
}

fn a_post_wakes_a_thread(port: fn(usize) -> Arc<Port>) {
    check(4, move || {
        let port = port(1);
        let thread = serving(&port, 2);
        port.post(0);
        port.post(1);
        thread.join().unwrap();
        port.is_done(2);
    });
}

#[test]
fn a_post_wakes_a_sleeper() {
    a_post_wakes_a_thread(Port::new);
}

#[test]
fn a_post_wakes_a_poller() {
    a_post_wakes_a_thread(Port::polling);
}

fn threads_share_the_packets(port: fn(usize) -> Arc<Port>, limit: usize) {
    check(3, move || {
        let port = port(limit);
        let threads = [serving(&port, 1), serving(&port, 1)];
        port.post(0);
        port.post(1);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        port.is_done(2);
    });
}

#[test]
fn one_at_a_time_where_one_may_run() {
    threads_share_the_packets(Port::new, 1);
}

#[test]
fn both_where_two_may_run() {
    threads_share_the_packets(Port::new, 2);
}

#[test]
fn one_at_a_time_where_one_may_run_or_poll() {
    threads_share_the_packets(Port::polling, 1);
}

#[test]
fn both_where_two_may_run_or_poll() {
    threads_share_the_packets(Port::polling, 2);
}

#[test]
fn a_packet_that_comes_as_a_time_ends_is_taken_or_left() {
    for port in [Port::new, Port::polling] {
        check(5, move || {
            let port = port(1);
            let other = Arc::clone(&port);
            let thread = thread::spawn(move || {
                let seat = other.join();
                let over = Some(Instant::now());
                let taken = matches!(other.wait(&seat, over), Step::Taken(1));
                other.leave(&seat);
                taken
            });
            port.post(0);
            if !thread.join().unwrap() {
                let seat = port.join();
                assert!(port.serve(&seat), "neither taken nor left");
                port.leave(&seat);
            }
            port.is_done(1);
        });
    }
}

#[test]
fn close_ends_every_wait() {
    for port in [Port::new, Port::polling] {
        check(3, move || {
            let port = port(2);
            let threads = [(); 2].map(|()| {
                let port = Arc::clone(&port);
                thread::spawn(move || {
                    let seat = port.join();
                    while port.serve(&seat) {}
                    port.leave(&seat);
                })
            });
            port.post(0);
            port.close();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            port.is_done(1);
        });
    }
}

#[test]
fn a_blocking_scope_hands_the_place_on() {
    for port in [Port::new, Port::polling] {
        check(4, move || {
            let port = port(1);
            let (seat, (sent, received)) = (port.join(), loom::sync::mpsc::channel());
            port.post(0);
            assert!(matches!(port.wait(&seat, None), Step::Taken(1)));
            let other = Arc::clone(&port);
            let thread = thread::spawn(move || {
                let seat = other.join();
                assert!(other.serve(&seat));
                other.leave(&seat);
                sent.send(()).unwrap();
            });
            port.post(1);
            // This thread holds the only place. Without the scope it would wait here for ever.
            assert!(port.scheduler.change(|state| state.begin_blocking(&seat)));
            received.recv().unwrap();
            port.scheduler.change(|state| state.end_blocking(&seat));
            assert_eq!(seat.standing(), Standing::Running);
            port.leave(&seat);
            thread.join().unwrap();
            port.is_done(2);
        });
    }
}

#[test]
fn a_thread_that_leaves_hands_its_place_on() {
    check(4, || {
        let port = Port::new(1);
        let seat = port.join();
        port.post(0);
        assert!(matches!(port.wait(&seat, None), Step::Taken(1)));
        let thread = serving(&port, 1);
        port.post(1);
        port.leave(&seat);
        thread.join().unwrap();
        port.is_done(2);
    });
}

#[test]
fn a_thread_that_blocks_unmarked_is_replaced() {
    check(2, || {
        let port = Port::new(1);
        let (seat, (sent, received)) = (port.join_as(ASLEEP), loom::sync::mpsc::channel());
        port.post(0);
        assert!(matches!(port.wait(&seat, None), Step::Taken(1)));
        let (watched, served) = (Arc::clone(&port), Arc::clone(&port));
        let monitor = thread::spawn(move || {
            let mut watch = Watch::new();
            let is_asleep = |number| Ok::<_, ()>(number == ASLEEP);
            while let Some(rests) = watched.scheduler.rest_monitor(&thread::current()) {
                if rests {
                    thread::park()
                } else {
                    thread::yield_now()
                }
                watch.tick(&watched.scheduler, is_asleep);
            }
        });
        let other = thread::spawn(move || {
            let seat = served.join();
            assert!(served.serve(&seat));
            sent.send(()).unwrap();
            served.leave(&seat);
        });
        port.post(1);
        // This thread holds the only place, and says nothing.
        received.recv().unwrap();
        assert_eq!(seat.standing(), Standing::Released);
        port.leave(&seat);
        other.join().unwrap();
        port.close();
        monitor.join().unwrap();
        port.is_done(2);
    });
}

#[test]
fn a_thread_is_found_asleep_while_it_comes_to_wait() {
    check(3, || {
        let port = Port::new(1);
        let seat = port.join_as(ASLEEP);
        port.post(0);
        assert!(matches!(port.wait(&seat, None), Step::Taken(1)));
        let sleeper = serving(&port, 1);
        port.post(1);
        port.post(2);
        let watched = Arc::clone(&port);
        let monitor = thread::spawn(move || {
            let mut watch = Watch::new();
            (0..3).for_each(|_| watch.tick(&watched.scheduler, |number| Ok::<_, ()>(number == ASLEEP)));
        });
        assert!(matches!(port.wait(&seat, None), Step::Taken(1)));
        port.leave(&seat);
        monitor.join().unwrap();
        sleeper.join().unwrap();
        port.is_done(3);
    });
}
