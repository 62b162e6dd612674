//! Deferred sends: charged at once, on the wire with the next plain send or a commit, from any thread.

use std::io::ErrorKind;

use ringport::{BackendChoice, CompletionQueue, Completions, RequestQueue, Send, Status, WaitOutcome};

use crate::common::rig::{Rig, builder, fired, limits, tokens};
use crate::common::{on_each_backend, until};

on_each_backend!(
    deferred_sends_wait_for_a_commit,
    a_plain_send_takes_the_deferred_along,
    deferred_sends_hold_their_places_and_a_full_queue_commits,
    many_deferred_sends_share_a_system_call,
    a_commit_of_nothing_does_nothing,
    deferred_sends_of_a_closed_queue_are_aborted,
    another_thread_commits_for_one_who_polls,
    another_thread_commits_for_one_who_waits,
    a_late_commit_is_ignored,
    each_committer_commits_its_own_queue,
);

fn defer(rig: &Rig, tokens: std::ops::Range<u64>) {
    let later = Send::new().to(rig.client_address()).defer();
    for token in tokens {
        rig.requests.send_with(rig.filled(&[token as u8]), later, token).unwrap();
    }
}

/// On the loopback interface a datagram is there when its send returns, so what is not there was not sent.
fn nothing_sent(rig: &Rig) {
    rig.client.set_nonblocking(true).unwrap();
    assert_eq!(rig.client.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    rig.client.set_nonblocking(false).unwrap();
}

fn replies(rig: &Rig, tokens: std::ops::Range<u64>) {
    tokens.for_each(|token| assert_eq!(rig.reply(), [token as u8]));
}

fn deferred_sends_wait_for_a_commit(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 4));
    defer(&rig, 0..3);
    // Neither dequeueing nor waiting nor posting a receive commits.
    rig.take_none();
    rig.post(9..10);
    rig.queue.notify().unwrap();
    let short = std::time::Duration::from_micros(100);
    assert_eq!(rig.queue.wait(Some(short)).unwrap(), WaitOutcome::TimedOut);
    nothing_sent(&rig);
    rig.requests.commit();
    fired(&mut rig.queue);
    replies(&rig, 0..3);
    assert_eq!(tokens(&rig.take(3)), [0, 1, 2]);
    rig.take_none();
}

fn a_plain_send_takes_the_deferred_along(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 8));
    defer(&rig, 0..3);
    rig.requests.send_to(rig.filled(&[3]), rig.client_address(), 3).unwrap();
    replies(&rig, 0..4);
    defer(&rig, 4..6);
    nothing_sent(&rig);
    assert_eq!(tokens(&rig.take(4)), [0, 1, 2, 3]);
    rig.requests.commit();
    replies(&rig, 4..6);
    assert_eq!(tokens(&rig.take(2)), [4, 5]);
}

fn deferred_sends_hold_their_places_and_a_full_queue_commits(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 3));
    rig.post(9..10);
    defer(&rig, 0..3);
    assert_eq!((rig.requests.outstanding().sends, rig.pool.figures().sending), (3, 3));
    let refused = rig.requests.send_to(rig.filled(b"x"), rig.client_address(), 3).unwrap_err();
    drop(refused);
    nothing_sent(&rig);
    rig.requests.commit();
    rig.requests.commit();
    replies(&rig, 0..3);
    nothing_sent(&rig);
    assert_eq!(tokens(&rig.take(3)), [0, 1, 2]);
}

fn many_deferred_sends_share_a_system_call(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 128));
    for count in [64, 128, 1] {
        // Of overlapped calls there is none for several datagrams.
        let calls = if choice == BackendChoice::Overlapped { count } else { 1 };
        let before = rig.queue.system_calls();
        defer(&rig, 0..count);
        assert_eq!(rig.queue.system_calls(), before);
        rig.requests.commit();
        assert_eq!(rig.queue.system_calls() - before, calls);
        replies(&rig, 0..count);
        assert_eq!(rig.take(count as usize).len(), count as usize);
    }
}

fn a_commit_of_nothing_does_nothing(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let before = rig.queue.system_calls();
    rig.requests.commit();
    assert_eq!(rig.queue.system_calls(), before);
    rig.take_none();
}

fn deferred_sends_of_a_closed_queue_are_aborted(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 3));
    defer(&rig, 0..2);
    rig.requests.cancel();
    let aborted = rig.take(2);
    assert!(aborted.iter().all(|completion| completion.status() == Status::Aborted));
    assert_eq!(tokens(&aborted), [0, 1]);
    drop(aborted);
    // The next commit has nothing of them.
    defer(&rig, 2..3);
    rig.requests.commit();
    replies(&rig, 2..3);
    nothing_sent(&rig);
    assert_eq!(rig.take_one().status(), Status::Success);
    defer(&rig, 0..3);
    let socket = ringport::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (queue, mut old) = (builder(choice, 4).event().unwrap(), rig.queue);
    drop(std::mem::replace(
        &mut rig.requests,
        RequestQueue::new(&socket, &queue, &queue, limits(1, 3), 0).unwrap(),
    ));
    assert_eq!(old.dequeue(&mut rig.completions), 3);
    assert!(rig.completions.drain().all(|completion| completion.status() == Status::Aborted));
    assert_eq!((old.reserved(), rig.pool.figures().used), (0, 0));
}

fn another_thread_commits_for_one_who_polls(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 8));
    let committer = rig.requests.committer().unwrap();
    for _ in 0..200 {
        defer(&rig, 0..8);
        let committer = committer.clone();
        let other = std::thread::spawn(move || committer.commit());
        assert_eq!(tokens(&rig.take(8)), [0, 1, 2, 3, 4, 5, 6, 7]);
        other.join().unwrap();
        replies(&rig, 0..8);
    }
}

fn another_thread_commits_for_one_who_waits(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 2));
    let committer = rig.requests.committer().unwrap();
    let (ask, asked) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || asked.iter().for_each(|()| committer.commit()));
    for _ in 0..500 {
        defer(&rig, 0..2);
        rig.queue.notify().unwrap();
        ask.send(()).unwrap();
        fired(&mut rig.queue);
        assert_eq!(tokens(&rig.take(2)), [0, 1]);
        replies(&rig, 0..2);
    }
    drop(ask);
    other.join().unwrap();
}

fn a_late_commit_is_ignored(choice: BackendChoice) {
    let rig = Rig::new(choice, limits(1, 2));
    let committer = rig.requests.committer().unwrap();
    let Rig { requests, mut queue, .. } = rig;
    drop(requests);
    committer.commit();
    assert_eq!(queue.dequeue(&mut Completions::with_capacity(1)), 0);
    CompletionQueue::close(queue);
    committer.commit();
}

fn each_committer_commits_its_own_queue(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 2));
    let mut queue = builder(choice, 8).event().unwrap();
    let [socket, other] = std::array::from_fn(|_| ringport::UdpSocket::bind("127.0.0.1:0").unwrap());
    let first = RequestQueue::new(&socket, &queue, &queue, limits(0, 2), 1).unwrap();
    let second = RequestQueue::new(&other, &queue, &queue, limits(0, 2), 2).unwrap();
    let later = Send::new().to(rig.client_address()).defer();
    first.send_with(rig.filled(b"1"), later, 0).unwrap();
    second.send_with(rig.filled(b"2"), later, 0).unwrap();
    let (first, second) = (first.committer().unwrap(), second.committer().unwrap());
    std::mem::swap(&mut queue, &mut rig.queue);
    second.commit();
    until("the second queue's send", || {
        rig.queue.dequeue(&mut rig.completions);
        (!rig.completions.is_empty()).then_some(())
    });
    assert_eq!(rig.completions.drain().map(|sent| sent.socket_context()).collect::<Vec<_>>(), [2]);
    first.commit();
    assert_eq!(rig.take_one().socket_context(), 1);
}
