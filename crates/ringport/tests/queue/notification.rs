//! Notifications: one each time the queue is armed, at once when something is there, and never lost.

use std::time::Duration;

use ringport::queue::{AlreadyArmed, WaitError};
use ringport::{BackendChoice, Receive, RequestQueue, Send, UdpSocket, WaitOutcome};

use crate::common::rig::{Rig, bytes, fired, limits, tokens};
use crate::common::{PATIENCE, on_each_backend, until};

on_each_backend!(
    arming_twice_is_refused_and_changes_nothing,
    it_fires_at_once_when_something_is_queued,
    it_fires_at_once_even_for_a_wait_of_no_time,
    waiting_without_arming_is_an_error,
    one_notification_for_each_arming,
    silent_requests_never_notify_and_are_dequeued,
    a_silent_completion_does_not_hide_a_loud_one,
    short_waits_sleep_instead_of_spinning,
    a_waker_ends_a_wait_and_is_not_lost,
    aborted_requests_notify,
    each_socket_of_a_queue_notifies,
);

const NEVER: Option<Duration> = Some(Duration::from_micros(200));

fn arming_twice_is_refused_and_changes_nothing(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    rig.post(0..1);
    assert!(!rig.queue.is_armed());
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.notify(), Err(AlreadyArmed));
    assert!(rig.queue.is_armed());
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    assert_eq!(rig.queue.notify(), Err(AlreadyArmed));
    rig.arrive(b"x");
    fired(&mut rig.queue);
    rig.queue.notify().unwrap();
}

fn it_fires_at_once_when_something_is_queued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(3, 1));
    rig.post(0..3);
    (0..3).for_each(|byte| rig.arrive(&[byte]));
    // Again and again, while anything is left.
    for left in (1..=3).rev() {
        rig.wait();
        rig.wait();
        assert_eq!(rig.requests.outstanding().receives, left);
        let mut one = ringport::Completions::with_capacity(1);
        assert_eq!(rig.queue.dequeue(&mut one), 1);
    }
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    rig.requests.send_to(rig.filled(b"x"), rig.client_address(), 0).unwrap();
    fired(&mut rig.queue);
}

fn it_fires_at_once_even_for_a_wait_of_no_time(choice: BackendChoice) {
    for time in [Duration::ZERO, Duration::from_nanos(1)] {
        let mut rig = Rig::new(choice, limits(1, 1));
        rig.post(0..1);
        rig.queue.notify().unwrap();
        assert_eq!(rig.queue.wait(Some(time)).unwrap(), WaitOutcome::TimedOut);
        rig.arrive(b"x");
        if cfg!(windows) {
            // There a datagram arrives when the sender has long gone on.
            until("it to fire", || (rig.queue.wait(Some(time)).unwrap() == WaitOutcome::Fired).then_some(()));
        } else {
            assert_eq!(rig.queue.wait(Some(time)).unwrap(), WaitOutcome::Fired);
        }
        assert_eq!(bytes(&rig.take_one()), b"x");
    }
}

fn waiting_without_arming_is_an_error(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    assert!(matches!(rig.queue.wait(None), Err(WaitError::NotArmed)));
    rig.post(0..1);
    rig.arrive(b"x");
    rig.wait();
    assert!(matches!(rig.queue.wait(Some(PATIENCE)), Err(WaitError::NotArmed)));
    rig.take(1);
}

fn one_notification_for_each_arming(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.post(0..8);
    rig.queue.notify().unwrap();
    (0..8).for_each(|byte| rig.arrive(&[byte]));
    fired(&mut rig.queue);
    assert!(!rig.queue.is_armed());
    assert_eq!(rig.take(8).len(), 8);
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
}

fn silent_requests_never_notify_and_are_dequeued(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 2));
    for token in 0..4 {
        rig.requests.receive_with(rig.marked(0), Receive::new().dont_notify(), token).unwrap();
    }
    rig.queue.notify().unwrap();
    (0..3).for_each(|byte| rig.arrive(&[byte]));
    let silent = Send::new().to(rig.client_address()).dont_notify();
    rig.requests.send_with(rig.filled(b"x"), silent, 9).unwrap();
    for _ in 0..5 {
        assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    }
    let mut all = tokens(&rig.take(4));
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 9]);
    rig.requests.cancel();
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    assert_eq!(rig.take_one().token(), 3);
    assert!(rig.queue.is_armed());
}

fn a_silent_completion_does_not_hide_a_loud_one(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(100, 1));
    for token in 0..100 {
        let options = if token == 99 { Receive::new() } else { Receive::new().dont_notify() };
        rig.requests.receive_with(rig.marked(0), options, token).unwrap();
    }
    rig.queue.notify().unwrap();
    (0..99).for_each(|byte| rig.arrive(&[byte]));
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    rig.arrive(b"loud");
    fired(&mut rig.queue);
    let taken = rig.take(100);
    assert_eq!(tokens(&taken), (0..100).collect::<Vec<_>>());
    assert_eq!(bytes(&taken[99]), b"loud");
}

/// A wait that was rounded to no time would go through its loop many times and never sleep.
fn short_waits_sleep_instead_of_spinning(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    rig.post(0..1);
    rig.queue.notify().unwrap();
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    for nanoseconds in [100_000, 700_000, 999_999] {
        let time = Duration::from_nanos(nanoseconds);
        let (calls, start) = (rig.queue.system_calls(), std::time::Instant::now());
        for _ in 0..20 {
            assert_eq!(rig.queue.wait(Some(time)).unwrap(), WaitOutcome::TimedOut);
        }
        assert!(start.elapsed() >= 20 * time, "a wait that is over too early");
        assert!(rig.queue.system_calls() - calls <= 2 * 20, "a wait that spins");
    }
}

fn a_waker_ends_a_wait_and_is_not_lost(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    rig.post(0..1);
    let waker = rig.queue.waker().unwrap();
    rig.queue.notify().unwrap();
    // Before the wait; several are one.
    waker.wake();
    waker.wake();
    assert_eq!(rig.queue.wait(None).unwrap(), WaitOutcome::Woken);
    assert_eq!(rig.queue.wait(NEVER).unwrap(), WaitOutcome::TimedOut);
    // During waits.
    let (ask, asked) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || asked.iter().for_each(|()| waker.wake()));
    for _ in 0..2000 {
        ask.send(()).unwrap();
        assert_eq!(rig.queue.wait(Some(PATIENCE)).unwrap(), WaitOutcome::Woken);
        assert!(rig.queue.is_armed());
    }
    drop(ask);
    other.join().unwrap();
    rig.arrive(b"x");
    fired(&mut rig.queue);
}

fn aborted_requests_notify(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.post(0..2);
    rig.queue.notify().unwrap();
    rig.requests.cancel();
    fired(&mut rig.queue);
    assert_eq!(rig.take(2).len(), 2);
}

fn each_socket_of_a_queue_notifies(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.queue.resize(100).unwrap();
    let sockets: Vec<_> = (0..10).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let all: Vec<_> = (0..)
        .zip(&sockets)
        .map(|(context, socket)| RequestQueue::new(socket, &rig.queue, &rig.queue, limits(2, 0), context))
        .map(Result::unwrap)
        .collect();
    for round in 0..3 {
        for (context, requests) in (0..).zip(&all) {
            requests.receive(rig.marked(0), round).unwrap();
            rig.queue.notify().unwrap();
            rig.client.send_to(b"x", requests.socket().local_addr().unwrap()).unwrap();
            fired(&mut rig.queue);
            assert_eq!(rig.take_one().socket_context(), context);
        }
    }
}
