//! Sends from any thread: they leave at once and in the order of each thread, and complete in the same queue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ringport::net::{ControlBuffer, ControlMessage, Ecn};
use ringport::{BackendChoice, Operation, Receive, Send, Status, Waiting};

use crate::common::nobody::deaf;
use crate::common::on_each_backend;
use crate::common::rig::{limits, plain, tokens};
use crate::common::system::{EINVAL, lacked_by_wine};
use crate::rig::{Rig, socket};

on_each_backend!(
    sends_of_eight_threads_leave_in_the_order_of_each,
    deferred_sends_leave_with_a_commit_of_another_thread,
    deferred_sends_leave_before_the_next_plain_one,
    a_commit_works_on_a_full_queue_and_completes_nothing_itself,
    commits_and_deferred_sends_of_many_threads_leave_nothing_behind,
    sends_leave_while_the_pump_gathers,
    control_data_goes_with_a_send,
    a_send_that_the_system_refuses_fails_alone,
    an_unreachable_peer_does_not_end_receiving,
);

/// Who sent it, and which of theirs it is.
fn name(thread: u32, number: u32) -> [u8; 8] {
    (u64::from(thread) << 32 | u64::from(number)).to_le_bytes()
}

fn sends_of_eight_threads_leave_in_the_order_of_each(choice: BackendChoice) {
    const THREADS: u32 = 8;
    const EACH: u32 = 500;
    let mut rig = Rig::new(choice, limits(1, 32));
    let to = rig.client_address();
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    let next: Vec<_> = (0..THREADS).map(|_| AtomicUsize::new(0)).collect();
    // No more of each under way than the client has room for.
    let may_send =
        |thread: u32, number: u32| number < next[thread as usize].load(Ordering::Relaxed) as u32 + 12;
    let mut taken = Vec::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (pool, may_send) = (&pool, &may_send);
            scope.spawn(move || {
                for number in 0..EACH {
                    while !may_send(thread, number) {
                        std::thread::yield_now();
                    }
                    let mut buffer = pool.take_with(&name(thread, number)).unwrap();
                    let token = u64::from(thread * EACH + number);
                    while let Err(refused) = requests.send_to(buffer, to, token) {
                        buffer = refused.buffer;
                        std::thread::yield_now();
                    }
                }
            });
        }
        // What is on the wire, as it comes.
        scope.spawn(|| {
            let mut bytes = [0; 8];
            for _ in 0..THREADS * EACH {
                assert_eq!(rig.client.recv(&mut bytes).unwrap(), 8);
                let name = u64::from_le_bytes(bytes);
                let before = next[(name >> 32) as usize].fetch_add(1, Ordering::Relaxed);
                assert_eq!(before as u64, name & 0xffff_ffff, "out of order, or lost");
            }
        });
        while taken.len() < (THREADS * EACH) as usize {
            let mut ready = crate::rig::ready(&rig.port);
            ready.dequeue(&mut rig.completions);
            taken.extend(rig.completions.drain().map(|completion| {
                assert_eq!((completion.operation(), completion.status()), (Operation::Send, Status::Success));
                completion.token()
            }));
        }
    });
    for thread in 0..THREADS {
        let of = taken.iter().filter(|token| **token / u64::from(EACH) == thread.into());
        let all = u64::from(thread * EACH)..u64::from((thread + 1) * EACH);
        assert!(of.copied().eq(all), "completions of one thread keep its order");
    }
    assert_eq!((rig.requests.outstanding().sends, rig.pool.figures().used), (0, 0));
}

fn deferred_sends_leave_with_a_commit_of_another_thread(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 64));
    let later = Send::new().to(rig.client_address()).defer();
    for round in 0..50u8 {
        (0..8).for_each(|number| {
            rig.requests.send_with(rig.filled(&[round, number]), later, number.into()).unwrap();
        });
        rig.nothing_more();
        assert_eq!(rig.requests.outstanding().sends, 8, "they are charged");
        std::thread::scope(|scope| drop(scope.spawn(|| rig.requests.commit())));
        (0..8).for_each(|number| assert_eq!(rig.reply(), [round, number]));
        assert_eq!(tokens(&rig.take(8)), (0..8).collect::<Vec<_>>());
    }
}

fn deferred_sends_leave_before_the_next_plain_one(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 64));
    let now = Send::new().to(rig.client_address());
    for round in 0..20u8 {
        for number in 0..30 {
            let send = if number % 7 < 5 { now.defer() } else { now };
            rig.requests.send_with(rig.filled(&[round, number]), send, number.into()).unwrap();
        }
        rig.requests.commit();
        (0..30).for_each(|number| assert_eq!(rig.reply(), [round, number]));
        assert_eq!(tokens(&rig.take(30)), (0..30).collect::<Vec<_>>());
    }
}

fn a_commit_works_on_a_full_queue_and_completes_nothing_itself(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(0, 4));
    let later = Send::new().to(rig.client_address()).defer();
    rig.requests.commit();
    for _ in 0..3 {
        (0..4).for_each(|token| rig.requests.send_with(rig.filled(b"x"), later, token).unwrap());
        assert!(rig.requests.send_with(rig.filled(b"x"), later, 9).is_err());
        (0..3).for_each(|_| rig.requests.commit());
        assert_eq!(tokens(&rig.take(4)), [0, 1, 2, 3]);
    }
    rig.nothing_more();
}

/// Each thread commits what it deferred, and then nothing of it may wait for somebody else.
fn commits_and_deferred_sends_of_many_threads_leave_nothing_behind(choice: BackendChoice) {
    const THREADS: u64 = 4;
    let mut rig = Rig::new(choice, limits(1, 64));
    let sink = plain();
    let to = sink.local_addr().unwrap();
    let (requests, pool) = (&rig.requests, rig.pool.clone());
    for _ in 0..500 {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let pool = &pool;
                scope.spawn(move || {
                    let later = Send::new().to(to).defer();
                    for number in 0..4 {
                        requests.send_with(pool.take_with(b"d").unwrap(), later, number).unwrap();
                    }
                    match thread % 2 {
                        0 => requests.commit(),
                        _ => requests.send_to(pool.take_with(b"p").unwrap(), to, 4).unwrap(),
                    }
                });
            }
        });
        let mut taken = 0;
        while taken < 4 * THREADS as usize + 2 {
            let mut ready = crate::rig::ready(&rig.port);
            taken += ready.dequeue(&mut rig.completions);
            rig.completions.clear();
        }
    }
    assert_eq!(rig.requests.outstanding().sends, 0);
}

/// The pump never touches a send of a socket that has room: each is on the wire when the call returns.
fn sends_leave_while_the_pump_gathers(choice: BackendChoice) {
    if cfg!(windows) {
        return eprintln!(
            "skipped: on Windows the pump makes the sends, for their results are those of its port"
        );
    }
    let mut rig = Rig::new(choice, limits(64, 32));
    let queue = crate::common::rig::builder(choice, 128)
        .waiting(Waiting::Throughput { at_most: Duration::from_secs(1) });
    rig.queue = queue.on(&rig.port, 1).unwrap();
    rig.set_aside(choice);
    rig.requests =
        ringport::PortRequestQueue::new(&rig.socket, &rig.queue, &rig.queue, limits(64, 32), 0).unwrap();
    rig.post(0..64);
    rig.client.set_nonblocking(true).unwrap();
    let mut bytes = [0; 8];
    for round in 0..2000u64 {
        // So that it has a reason to gather.
        if round % 4 == 0 && rig.requests.outstanding().receives > 0 {
            rig.arrive(b"more");
        }
        let completed = rig.queue.completed();
        rig.requests.send_to(rig.filled(&round.to_le_bytes()), rig.client_address(), round).unwrap();
        assert_eq!(
            rig.client.recv(&mut bytes).ok(),
            Some(8),
            "it was not on the wire when the call returned"
        );
        assert_eq!(bytes, round.to_le_bytes());
        assert!(rig.queue.completed() > completed, "it had not completed when the call returned");
        let mut ready = rig.ready();
        for completion in rig.dequeue(&mut ready) {
            if completion.operation() == Operation::Receive {
                rig.post(0..1);
            }
        }
    }
}

fn control_data_goes_with_a_send(choice: BackendChoice) {
    if lacked_by_wine("control data of sends") {
        return;
    }
    let receiver = socket();
    receiver.ecn(true).unwrap();
    let mut other = Rig::with_socket(choice, limits(8, 1), receiver);
    let mut rig = Rig::new(choice, limits(1, 8));
    for round in 0..10u64 {
        let mut marks = Vec::new();
        for mark in [Ecn::Capable0, Ecn::CongestionExperienced, Ecn::Capable1] {
            other.requests.receive_with(other.marked(0), Receive::new().addresses(), round).unwrap();
            let mut control = ControlBuffer::new();
            control.ecn(mark).unwrap();
            let send = Send::new().to(other.address).control(&control).defer();
            // The request keeps its own copy.
            rig.requests.send_with(rig.filled(b"marked"), send, round).unwrap();
            marks.push(mark);
        }
        rig.requests.commit();
        assert!(rig.take(3).iter().all(|completion| completion.status() == Status::Success));
        for (completion, mark) in other.take(3).iter().zip(marks) {
            let seen = completion.control().find_map(|message| match message {
                ControlMessage::Ecn(seen) => Some(seen),
                _ => None,
            });
            assert_eq!(seen, Some(mark));
        }
    }
}

fn a_send_that_the_system_refuses_fails_alone(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 8));
    let to = rig.client_address();
    // Nothing is sent to port 0.
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    for (token, peer) in [to, nowhere, to].into_iter().enumerate() {
        rig.requests.send_with(rig.filled(b"x"), Send::new().to(peer).defer(), token as u64).unwrap();
    }
    rig.requests.commit();
    let mut done = rig.take(3);
    // What leaves together is grouped by peer, and completes so.
    done.sort_by_key(ringport::Completion::token);
    let statuses: Vec<_> = done.iter().map(ringport::Completion::status).collect();
    assert_eq!(statuses, [Status::Success, Status::Failed(EINVAL), Status::Success]);
    assert_eq!((rig.reply(), rig.reply()), (b"x".to_vec(), b"x".to_vec()));
    assert_eq!(rig.requests.counters().failed, 1);
}

fn an_unreachable_peer_does_not_end_receiving(choice: BackendChoice) {
    // Its server looks no more at a socket with an error, so what waits there waits for ever.
    if lacked_by_wine("receive that ends after an error of ICMP came to its socket") {
        return;
    }
    for addresses in [false, true] {
        let mut rig = Rig::new(choice, limits(4, 4));
        let peer = deaf();
        rig.socket.connect(peer.local_addr().unwrap()).unwrap();
        for token in 0..3 {
            let options = if addresses { Receive::new().addresses() } else { Receive::new() };
            rig.requests.receive_with(rig.marked(0), options, token).unwrap();
        }
        for round in 1..4 {
            rig.requests.send(rig.filled(b"anyone?"), 9).unwrap();
            assert_eq!(rig.take_one().status(), Status::Success);
            // Windows is told to keep such errors for itself.
            crate::common::until("the error to be counted", || {
                (cfg!(windows) || rig.requests.counters().unreachable >= round).then_some(())
            });
        }
        assert_eq!(rig.requests.outstanding().receives, 3);
        // The peer comes to life.
        peer.connect(rig.address).unwrap();
        rig.client = peer;
        for token in 0..3 {
            rig.arrive(b"here");
            assert_eq!(rig.take_one().token(), token);
        }
    }
}
