//! Many threads, many packets, and no peace: each packet is delivered once, or was dropped by the close.
//!
//! ```text
//!   posters ──► port ──► 64 threads, N of them running ──► a mark a packet
//!                ▲          │ some block, declared or not
//!                └ sampler ─┘ never more than N, but for those that came back and have not waited since
//! ```

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use ringport::port::{Monitor, PacketRefused, PortCounters};
use ringport::{CompletionPort, Packet, Packets};

use crate::posted;
use crate::random::Random;

const THREADS: usize = 64;
const POSTERS: u64 = 4;
const EXIT: u64 = u64::MAX;

/// On Windows each packet is several calls of the system, and under Wine each of them a message to a server.
const FEWER: u64 = if cfg!(windows) { 50 } else { 1 };

/// Whether so many run that the limit is exceeded. Windows tells nobody how many it counts.
fn is_exceeded(running: usize, limit: usize) -> bool {
    running > limit && !cfg!(windows)
}

/// How often each packet came.
struct Marks(Vec<AtomicU8>);

impl Marks {
    fn new(packets: u64) -> Marks {
        Marks((0..packets).map(|_| AtomicU8::new(0)).collect())
    }

    fn mark(&self, value: u64) {
        assert_eq!(self.0[value as usize].fetch_add(1, Ordering::Relaxed), 0, "packet {value} came twice");
    }

    fn delivered(&self) -> u64 {
        self.0.iter().map(|mark| u64::from(mark.load(Ordering::Relaxed))).sum()
    }

    fn all_came(&self) {
        let missing = self.0.iter().position(|mark| mark.load(Ordering::Relaxed) == 0);
        assert_eq!(missing, None, "a packet never came");
    }
}

/// Posts `packets` from several threads, with a pause while the queue is full, and then an exit key a thread.
fn post_all(port: &CompletionPort, packets: u64) {
    let post = |key, value| {
        while let Err(refused) = port.post(key, value) {
            assert!(matches!(refused, PacketRefused::Full { .. }), "{refused}");
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        for poster in 0..POSTERS {
            scope.spawn(move || (poster..packets).step_by(POSTERS as usize).for_each(|value| post(0, value)));
        }
    });
    (0..THREADS).for_each(|_| post(EXIT, 0));
}

/// Runs `serve` on all threads while `packets` are posted, and `sample` beside them.
fn run(
    port: &CompletionPort,
    packets: u64,
    serve: impl Fn(usize) + Sync,
    sample: impl Fn(PortCounters) + Sync,
) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let threads = (0..THREADS).map(|thread| {
            scope.spawn({
                let serve = &serve;
                move || serve(thread)
            })
        });
        let threads = threads.collect::<Vec<_>>();
        let sampler = scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                let counters = port.counters();
                let known = counters.running + counters.waiting + counters.blocked + counters.released;
                assert!(known <= counters.threads, "{counters:?}");
                sample(counters);
                thread::yield_now();
            }
        });
        post_all(port, packets);
        let ended = threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>();
        over.store(true, Ordering::Release);
        sampler.join().unwrap();
        ended.into_iter().for_each(|thread| thread.unwrap());
    });
    let counters = port.counters();
    assert_eq!((counters.threads, counters.running, counters.queued), (0, 0, 0));
    assert_eq!((counters.waiting, counters.blocked, counters.released), (0, 0, 0));
}

#[test]
fn two_million_packets_one_at_a_time() {
    const PACKETS: u64 = 2_000_000 / FEWER;
    let (port, marks) = (crate::port(2), Marks::new(PACKETS));
    let serve = |_| loop {
        match posted(port.wait(None).unwrap()) {
            (EXIT, _) => break,
            (_, value) => marks.mark(value),
        }
    };
    run(&port, PACKETS, serve, |counters| assert!(!is_exceeded(counters.running, 2), "{counters:?}"));
    marks.all_came();
}

#[test]
fn many_at_a_time() {
    const PACKETS: u64 = 1_000_000 / FEWER;
    let (port, marks) = (crate::port(3), Marks::new(PACKETS));
    let serve = |thread: usize| {
        let mut packets = Packets::with_capacity(1 + thread % 32);
        loop {
            port.wait_many(&mut packets, None).unwrap();
            let mut exits = 0;
            for packet in packets.drain() {
                match posted(packet) {
                    (EXIT, _) => exits += 1,
                    (_, value) => marks.mark(value),
                }
            }
            // An exit too many is somebody else's.
            (1..exits).for_each(|_| port.post(EXIT, 0).unwrap());
            if exits > 0 {
                break;
            }
        }
    };
    run(&port, PACKETS, serve, |counters| assert!(!is_exceeded(counters.running, 3), "{counters:?}"));
    marks.all_came();
}

#[test]
fn declared_scopes_everywhere() {
    const PACKETS: u64 = 600_000 / FEWER;
    const RUNNING: usize = 2;
    let (port, marks) = (crate::port(RUNNING), Marks::new(PACKETS));
    // Scopes that are about to end or have ended, and those whose thread has waited since.
    let (returned, waited) = (AtomicU64::new(0), AtomicU64::new(0));
    let contended = Mutex::new(0u64);
    let serve = |thread: usize| {
        let mut random = Random::new(thread as u64 + 1);
        let mut out = 0;
        loop {
            let (key, value) = posted(port.wait(None).unwrap());
            waited.fetch_add(std::mem::take(&mut out), Ordering::SeqCst);
            if key == EXIT {
                break;
            }
            marks.mark(value);
            if random.below(8) == 0 {
                out = 1;
                port.blocking(|| {
                    *contended.lock().unwrap() += 1;
                    (0..random.below(3)).for_each(|_| thread::yield_now());
                    returned.fetch_add(1, Ordering::SeqCst);
                });
            }
        }
    };
    let sample = |_| {
        // In this order: what waited meanwhile is counted too much, and never too little.
        let waited = waited.load(Ordering::SeqCst);
        let running = port.counters().running;
        let back = (returned.load(Ordering::SeqCst) - waited) as usize;
        assert!(!is_exceeded(running, RUNNING + back), "{running} run, of which {back} may have come back");
    };
    run(&port, PACKETS, serve, sample);
    marks.all_came();
}

#[test]
fn undeclared_blocking_everywhere() {
    const PACKETS: u64 = 400_000 / FEWER;
    let monitor = Monitor::Every(Duration::from_millis(1));
    let port = CompletionPort::builder().concurrency(2).monitor(monitor).build().unwrap();
    let (marks, contended) = (Marks::new(PACKETS), Mutex::new(0u64));
    let (asked, asks) = channel::<Sender<()>>();
    thread::scope(|scope| {
        scope.spawn(|| rescue(&port, asks));
        let serve = |thread: usize| {
            let (mut random, asked) = (Random::new(thread as u64 + 1), asked.clone());
            loop {
                let (key, value) = posted(port.wait(None).unwrap());
                if key == EXIT {
                    break;
                }
                marks.mark(value);
                match random.below(5000) {
                    0 => {
                        let (answer, answered) = channel();
                        asked.send(answer).unwrap();
                        answered.recv().unwrap();
                    }
                    1..100 => *contended.lock().unwrap() += 1,
                    100..200 => port.blocking(|| *contended.lock().unwrap() += 1),
                    _ => {}
                }
            }
        };
        run(&port, PACKETS, serve, |_| ());
        drop(asked);
    });
    marks.all_came();
    // Windows finds them, and does not count.
    assert!(cfg!(windows) || port.counters().released_by_monitor > 0, "no thread was found asleep");
}

/// Wakes those that sleep unmarked once the monitor has found one, or there is nothing that they keep waiting.
fn rescue(port: &CompletionPort, asks: Receiver<Sender<()>>) {
    for answer in asks {
        crate::until::until("a release, or nobody kept waiting", || {
            let counters = port.counters();
            let kept_waiting = counters.queued > 0 && counters.waiting > 0;
            (counters.released > 0 || !kept_waiting).then_some(())
        });
        answer.send(()).unwrap();
    }
}

#[test]
fn ports_closed_in_the_middle() {
    const ROUNDS: u64 = 40;
    const MOST: u64 = 20_000 / FEWER;
    let mut random = Random::new(5);
    let (mut all, mut dropped) = (0, 0);
    for _ in 0..ROUNDS {
        let port = CompletionPort::builder().concurrency(2).queue_limit(1 << 20).build().unwrap();
        let (marks, close_at) = (Marks::new(MOST), random.below(MOST as usize / 2) as u64);
        let posted = AtomicU64::new(0);
        let serve = &|thread: usize| {
            while let Ok(Packet::Posted { value, .. }) = port.wait(None) {
                marks.mark(value);
                if value % 64 == thread as u64 {
                    port.blocking(std::thread::yield_now);
                }
            }
        };
        let post = &|poster: u64| {
            for value in (poster..MOST).step_by(POSTERS as usize) {
                match port.post(0, value) {
                    Ok(()) => posted.fetch_add(1, Ordering::Relaxed),
                    Err(refused) => return assert_eq!(refused, PacketRefused::Closed),
                };
            }
        };
        thread::scope(|scope| {
            let threads = (0..THREADS / 4).map(|thread| scope.spawn(move || serve(thread)));
            let posters = (0..POSTERS).map(|poster| scope.spawn(move || post(poster)));
            let all = threads.chain(posters).collect::<Vec<_>>();
            crate::until::until("enough is posted", || {
                (posted.load(Ordering::Relaxed) >= close_at).then_some(())
            });
            port.close();
            // Joined one by one: the end of a scope does not wait for what a thread does as it ends.
            all.into_iter().for_each(|thread| thread.join().unwrap());
        });
        let counters = port.counters();
        let posted = posted.into_inner();
        assert_eq!(marks.delivered() + counters.dropped, posted, "{counters:?}");
        assert_eq!((counters.threads, counters.running, counters.blocked), (0, 0, 0));
        (all, dropped) = (all + posted, dropped + counters.dropped);
    }
    eprintln!("{dropped} of {all} packets were dropped by a close");
}
