//! Packets of the program's own.

use std::thread;

use ringport::CompletionPort;
use ringport::port::{PacketRefused, PortError};

use crate::worker::Worker;
use crate::{port, posted};

#[test]
fn a_packet_is_delivered_as_it_was_posted() {
    let port = port(1);
    let packets = [(0, 0), (u64::MAX, 1), (1, u64::MAX), (7, 42)];
    packets.iter().for_each(|&(key, value)| port.post(key, value).unwrap());
    assert_eq!(packets, [(); 4].map(|()| posted(port.wait(None).unwrap())));
}

#[test]
fn any_thread_may_post() {
    const POSTERS: u64 = 8;
    const EACH: u64 = 1000;
    let port = port(1);
    let posters = (0..POSTERS).map(|key| {
        let port = port.clone();
        thread::spawn(move || (0..EACH).for_each(|value| port.post(key, value).unwrap()))
    });
    let posters = posters.collect::<Vec<_>>();
    let mut next = [0; POSTERS as usize];
    for _ in 0..POSTERS * EACH {
        let (key, value) = posted(port.wait(None).unwrap());
        assert_eq!(value, next[key as usize], "what one thread posted keeps its order");
        next[key as usize] += 1;
    }
    assert_eq!((next, port.counters().queued), ([EACH; POSTERS as usize], 0));
    posters.into_iter().for_each(|poster| poster.join().unwrap());
}

#[test]
fn a_post_wakes_one_waiter() {
    if !crate::decides_at_once() {
        return;
    }
    let port = port(4);
    let workers = Worker::several(&port, 3);
    port.post(1, 2).unwrap();
    let counters = port.counters();
    assert_eq!((counters.running, counters.waiting), (1, 2));
    assert_eq!(workers[2].packet(), (1, 2));
    port.close();
}

#[test]
fn an_exit_key_stops_every_thread() {
    const EXIT: u64 = u64::MAX;
    let port = port(2);
    let serve = |port: CompletionPort| move || while posted(port.wait(None).unwrap()).0 != EXIT {};
    let threads = [(); 6].map(|()| thread::spawn(serve(port.clone())));
    (0..100).for_each(|value| port.post(0, value).unwrap());
    threads.iter().for_each(|_| port.post(EXIT, 0).unwrap());
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((port.counters().queued, port.counters().threads), (0, 0));
}

#[test]
fn a_full_queue_refuses_and_takes_again() {
    let port = CompletionPort::builder().concurrency(1).queue_limit(3).build().unwrap();
    (0..3).for_each(|value| port.post(0, value).unwrap());
    assert_eq!(port.post(0, 3), Err(PacketRefused::Full { limit: 3 }));
    assert_eq!(posted(port.wait(None).unwrap()), (0, 0));
    port.post(0, 4).unwrap();
    let rest = [(); 3].map(|()| posted(port.wait(None).unwrap()));
    assert_eq!(rest, [(0, 1), (0, 2), (0, 4)], "the refused one was not queued");
}

#[test]
fn a_closed_port_refuses() {
    let port = port(1);
    port.close();
    assert_eq!(port.post(0, 0), Err(PacketRefused::Closed));
}

#[test]
fn limits_are_told_with_what_was_asked() {
    let build = |concurrency, limit| {
        CompletionPort::builder().concurrency(concurrency).queue_limit(limit).build().map(drop)
    };
    assert!(matches!(build(65_537, 1), Err(PortError::Concurrency { asked: 65_537, most: 65_536 })));
    assert!(matches!(build(1, 0), Err(PortError::QueueLimit { asked: 0, .. })));
    assert!(matches!(build(1, usize::MAX), Err(PortError::QueueLimit { asked: usize::MAX, .. })));
    build(65_536, 1).unwrap();
}
