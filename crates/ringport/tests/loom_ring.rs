//! The ring, and what queues on a port build around it, under every interleaving that matters, with loom's atomics
//! in place of the real ones:
//! `RUSTFLAGS="--cfg loom" cargo test -p ringport --test loom_ring --release`
#![cfg(loom)]

#[path = "common/loom_atomic.rs"]
mod atomic;
mod memory {
    pub(crate) use crate::atomic;
    pub(crate) use crate::berth::Berth;
    pub(crate) use crate::ring::{Reader, Ring, ring};
}
// The shipped source itself.
#[path = "../src/queue/on_port/armed.rs"]
#[allow(dead_code, unreachable_pub)]
mod armed;
#[path = "../src/memory/berth.rs"]
#[allow(dead_code, unreachable_pub)]
mod berth;
#[path = "../src/queue/on_port/inbox.rs"]
#[allow(dead_code, unreachable_pub)]
mod inbox;
#[path = "../src/queue/on_port/quota.rs"]
#[allow(dead_code, unreachable_pub)]
mod quota;
#[path = "../src/queue/on_port/relay.rs"]
#[allow(dead_code, unreachable_pub)]
mod relay;
#[path = "../src/memory/ring/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod ring;
#[path = "../src/queue/on_port/wish.rs"]
#[allow(dead_code, unreachable_pub)]
mod wish;

use atomic::{Arc, AtomicBool, AtomicUsize, Ordering};
use berth::Berth;
use inbox::{Collector, Inbox};
use loom::sync::Mutex;
use loom::thread;
use quota::Quota;
use relay::Relay;
use ring::{Reader, Ring, ring};
use wish::Wish;

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// A completion: whose it is, which of theirs, and whether it asks for a packet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Value {
    writer: usize,
    number: usize,
    asks: bool,
}

fn loud(writer: usize, number: usize) -> Value {
    Value { writer, number, asks: true }
}

fn silent(writer: usize, number: usize) -> Value {
    Value { asks: false, ..loud(writer, number) }
}

#[test]
fn values_of_two_writers_come_once_and_in_the_order_of_each() {
    check(3, || {
        // Room for two, so that places are used again.
        let (ring, mut reader) = ring(2);
        let other = Arc::clone(&ring);
        let writer = thread::spawn(move || {
            let mut refused = 0;
            for number in 0..2 {
                refused += usize::from(other.push((1, number)).is_err());
            }
            refused
        });
        let mut taken = Vec::new();
        let all = ring.push_all(&mut vec![(0, 0), (0, 1)]);
        taken.extend(reader.pop());
        let last = ring.push((0, 2)).is_ok();
        taken.extend(reader.pop());
        let refused = writer.join().unwrap();
        taken.extend(std::iter::from_fn(|| reader.pop()));
        let mine = taken.iter().filter(|value| value.0 == 0).map(|value| value.1).collect::<Vec<_>>();
        let theirs = taken.iter().filter(|value| value.0 == 1).count();
        let expected = [all.then_some([0, 1].as_slice()), last.then_some(&[2])];
        assert_eq!(mine, expected.into_iter().flatten().flatten().copied().collect::<Vec<_>>());
        assert_eq!(theirs, 2 - refused);
        assert!(taken.iter().filter(|value| value.0 == 1).is_sorted());
    });
}

#[test]
fn whoever_is_charged_has_a_place() {
    check(4, || {
        let (ring, mut reader) = ring(2);
        let quota = Arc::new(Quota::new(2, 1));
        let freeing = Arc::clone(&quota);
        assert!(quota.charge() && ring.push(0).is_ok());
        assert!(quota.charge() && ring.push(1).is_ok());
        let drainer = thread::spawn(move || {
            assert_eq!(reader.pop(), Some(0));
            freeing.release(1);
            reader
        });
        if quota.charge() {
            assert!(ring.push(2).is_ok(), "a place was promised");
        }
        drop(drainer.join().unwrap());
    });
}

#[test]
fn nobody_is_refused_for_one_who_is_refused() {
    check(4, || {
        let quota = Arc::new(Quota::new(1, 1));
        assert!(quota.charge());
        let other = Arc::clone(&quota);
        let thread = thread::spawn(move || other.charge());
        quota.release(1);
        let mine = quota.charge();
        assert!(mine || thread.join().unwrap(), "both were refused, and nobody had it");
    });
}

#[test]
fn one_of_closing_and_releasing_finds_that_all_is_over() {
    check(4, || {
        let side = Arc::new((Quota::new(1, 1), AtomicBool::new(false)));
        assert!(side.0.charge());
        let is_done = |side: &(Quota, AtomicBool)| side.1.load(Ordering::Acquire) && side.0.is_free();
        let other = Arc::clone(&side);
        let drainer = thread::spawn(move || {
            other.0.release(1);
            is_done(&other)
        });
        side.1.store(true, Ordering::Release);
        let mine = is_done(&side);
        assert!(drainer.join().unwrap() || mine, "nobody gives the places back");
    });
}

/// A queue on a port, whose packets go to the model.
struct Queue {
    ring: Arc<Ring<Value>>,
    berth: Berth<Drainer>,
    closed: AtomicBool,
    packets: Mutex<Vec<Box<Drainer>>>,
    /// Packets sent so far.
    sent: AtomicUsize,
}

struct Drainer {
    reader: Reader<Value>,
    taken: Vec<Value>,
}

impl armed::Right for Drainer {
    type Value = Value;

    fn reader(&mut self) -> &mut Reader<Value> {
        &mut self.reader
    }

    fn asks(value: &Value) -> bool {
        value.asks
    }
}

impl Queue {
    /// One whose right is with the caller.
    fn new() -> (Arc<Queue>, Box<Drainer>) {
        let (ring, reader) = ring(4);
        let queue = Queue {
            ring,
            berth: Berth::new(),
            closed: AtomicBool::new(false),
            packets: Mutex::new(Vec::new()),
            sent: AtomicUsize::new(0),
        };
        (Arc::new(queue), Box::new(Drainer { reader, taken: Vec::new() }))
    }

    fn complete(&self, values: &[Value]) {
        assert!(self.ring.push_all(&mut values.to_vec()));
        self.send(armed::fire(&self.berth, &self.ring, || self.is_closed()));
    }

    fn arm(&self, drainer: Box<Drainer>) {
        self.send(armed::arm(&self.berth, &self.ring, || self.is_closed(), drainer));
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.send(self.berth.take());
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn send(&self, right: Option<Box<Drainer>>) {
        if let Some(right) = right {
            self.packets.lock().unwrap().push(right);
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The packet, if there is one; two would mean that the right is in two places.
    fn packet(&self) -> Option<Box<Drainer>> {
        let mut packets = self.packets.lock().unwrap();
        assert!(packets.len() < 2);
        packets.pop()
    }
}

impl Drainer {
    /// Takes what is there; there is something, or there would have been no packet.
    fn drain(&mut self) {
        let before = self.taken.len();
        self.taken.extend(std::iter::from_fn(|| self.reader.pop()));
        assert!(self.taken.len() > before, "a packet for nothing");
    }
}

/// Takes and re-arms as long as there are packets, and returns all that was taken, in order.
fn finish(queue: &Queue) -> Vec<Value> {
    while let Some(mut drainer) = queue.packet() {
        drainer.drain();
        queue.arm(drainer);
    }
    let right = queue.berth.take().expect("the right is nowhere");
    right.taken
}

#[test]
fn no_completion_falls_between_the_look_and_the_arming() {
    check(4, || {
        let (queue, drainer) = Queue::new();
        let other = Arc::clone(&queue);
        let writer = thread::spawn(move || {
            other.complete(&[loud(1, 0)]);
            other.complete(&[loud(1, 1)]);
        });
        queue.arm(drainer);
        if let Some(mut drainer) = queue.packet() {
            drainer.drain();
            queue.arm(drainer);
        }
        writer.join().unwrap();
        assert_eq!(finish(&queue), [loud(1, 0), loud(1, 1)]);
    });
}

#[test]
fn a_gap_that_a_silent_completion_fills_hides_nothing() {
    check(3, || {
        let (queue, drainer) = Queue::new();
        let (one, two) = (Arc::clone(&queue), Arc::clone(&queue));
        // It may have its place, and fill it long after the other, which came behind it.
        let quiet = thread::spawn(move || one.complete(&[silent(1, 0)]));
        let asking = thread::spawn(move || two.complete(&[loud(2, 0)]));
        queue.arm(drainer);
        quiet.join().unwrap();
        asking.join().unwrap();
        assert_eq!(queue.sent.load(Ordering::Relaxed), 1, "a packet was owed");
        let taken = finish(&queue);
        assert!(taken.contains(&loud(2, 0)), "{taken:?}");
    });
}

#[test]
fn silent_completions_send_no_packet() {
    check(4, || {
        let (queue, drainer) = Queue::new();
        let other = Arc::clone(&queue);
        let writer = thread::spawn(move || other.complete(&[silent(1, 0), silent(1, 1)]));
        queue.arm(drainer);
        queue.complete(&[silent(0, 0)]);
        writer.join().unwrap();
        assert_eq!(queue.sent.load(Ordering::Relaxed), 0);
        let mut drainer = queue.berth.take().expect("the right is nowhere");
        drainer.drain();
        assert_eq!(drainer.taken.len(), 3);
    });
}

#[test]
fn the_right_goes_from_thread_to_thread_and_no_two_drain() {
    check(2, || {
        let (queue, drainer) = Queue::new();
        let (one, two) = (Arc::clone(&queue), Arc::clone(&queue));
        let writer = thread::spawn(move || {
            one.complete(&[loud(1, 0)]);
            one.complete(&[silent(1, 1), loud(1, 2)]);
        });
        let worker = thread::spawn(move || {
            if let Some(mut drainer) = two.packet() {
                drainer.drain();
                two.arm(drainer);
            }
        });
        queue.arm(drainer);
        if let Some(mut drainer) = queue.packet() {
            drainer.drain();
            queue.arm(drainer);
        }
        writer.join().unwrap();
        worker.join().unwrap();
        assert_eq!(finish(&queue), [loud(1, 0), silent(1, 1), loud(1, 2)]);
    });
}

#[test]
fn closing_finds_the_right_wherever_it_lies() {
    check(4, || {
        let (queue, drainer) = Queue::new();
        let (one, two) = (Arc::clone(&queue), Arc::clone(&queue));
        let worker = thread::spawn(move || one.arm(drainer));
        let writer = thread::spawn(move || two.complete(&[silent(1, 0)]));
        queue.close();
        worker.join().unwrap();
        writer.join().unwrap();
        assert!(queue.packet().is_some(), "the right stays in the berth of a closed queue");
    });
}

#[test]
fn a_relay_works_once_more_for_each_who_left() {
    check(4, || {
        let relay = Arc::new((Relay::new(), ring::<usize>(4)));
        let (relay, reader) = match Arc::try_unwrap(relay) {
            Ok((relay, (ring, reader))) => {
                (Arc::new((relay, ring)), Arc::new(Mutex::new((reader, Vec::new()))))
            }
            Err(_) => unreachable!("nobody else has it"),
        };
        let call = |shared: &(Relay, Arc<Ring<usize>>), role: &Mutex<(Reader<usize>, Vec<usize>)>, value| {
            assert!(shared.1.push(value).is_ok());
            shared.0.call(|| {
                let mut role = role.try_lock().expect("two are at work");
                let (reader, taken) = &mut *role;
                taken.extend(std::iter::from_fn(|| reader.pop()));
            });
        };
        let threads = [1, 2].map(|number| {
            let (shared, role) = (Arc::clone(&relay), Arc::clone(&reader));
            thread::spawn(move || {
                call(&shared, &role, number * 10);
                if number == 1 {
                    call(&shared, &role, number * 10 + 1);
                }
            })
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let taken = &reader.lock().unwrap().1;
        assert_eq!(taken.len(), 3, "{taken:?}");
        assert!(taken.iter().position(|value| *value == 10) < taken.iter().position(|value| *value == 11));
    });
}

/// An inbox, and what was taken out of it: all of it, and how many of the last are not due.
struct Sends {
    inbox: Inbox<Posted>,
    role: Mutex<(Collector<Posted>, Vec<Posted>, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Posted {
    name: usize,
    defer: bool,
}

impl Sends {
    fn new() -> Arc<Sends> {
        let (inbox, collector) = Inbox::new(4);
        Arc::new(Sends { inbox, role: Mutex::new((collector, Vec::new(), 0)) })
    }

    fn work(&self) {
        let mut role = self.role.try_lock().expect("two are at work");
        let (collector, taken, deferred) = &mut *role;
        collector.collect(&self.inbox, deferred, |send| {
            taken.push(send);
            send.defer
        });
    }

    fn post(&self, name: usize, defer: bool) {
        assert!(self.inbox.post(Posted { name, defer }, || self.work()));
    }

    /// What has left, without anybody calling again.
    fn due(&self) -> Vec<usize> {
        let role = self.role.lock().unwrap();
        role.1[..role.1.len() - role.2].iter().map(|send| send.name).collect()
    }
}

#[test]
fn a_plain_send_is_not_hidden_by_a_deferred_one() {
    check(4, || {
        let sends = Sends::new();
        let other = Arc::clone(&sends);
        let deferring = thread::spawn(move || other.post(1, true));
        sends.post(2, false);
        deferring.join().unwrap();
        assert!(sends.due().contains(&2), "it waits for somebody else to send");
    });
}

#[test]
fn a_commit_is_for_all_that_its_thread_has_deferred() {
    check(4, || {
        let sends = Sends::new();
        let other = Arc::clone(&sends);
        let deferring = thread::spawn(move || other.post(1, true));
        sends.post(2, true);
        sends.post(3, true);
        sends.inbox.commit(|| sends.work());
        deferring.join().unwrap();
        let due = sends.due();
        assert!(due.contains(&2) && due.contains(&3), "committed, and not sent: {due:?}");
    });
}

#[test]
fn what_nobody_committed_is_not_due() {
    check(4, || {
        let sends = Sends::new();
        let other = Arc::clone(&sends);
        let plain = thread::spawn(move || other.post(1, false));
        sends.inbox.commit(|| sends.work());
        sends.post(2, true);
        plain.join().unwrap();
        let due = sends.due();
        let last = sends.role.lock().unwrap().1.last().copied();
        assert_eq!(due.contains(&2), last.is_some_and(|last| last.name == 1), "{due:?}");
        assert!(due.contains(&1));
    });
}

#[test]
fn a_wish_and_a_post_do_not_miss_each_other() {
    check(4, || {
        let (posts, mut reader) = ring::<usize>(4);
        let shared = Arc::new((Wish::new(), AtomicUsize::new(0)));
        let poster = |number: usize| {
            let (shared, posts) = (Arc::clone(&shared), Arc::clone(&posts));
            thread::spawn(move || {
                assert!(posts.push(number).is_ok());
                if shared.0.take(|| true) {
                    shared.1.fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        let threads = [poster(1), poster(2)];
        let sleeps = shared.0.state(|| reader.has_more());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let woken = shared.1.load(Ordering::SeqCst);
        assert!(!sleeps || woken > 0, "it sleeps for ever");
        assert!(woken <= 1, "a wake-up for nothing");
        assert!(reader.pop().is_some() && reader.pop().is_some());
    });
}
