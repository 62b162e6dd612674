//! The right to drain as a value: who holds it, for how long, and what becomes of it.

use std::time::Duration;

use ringport::{BackendChoice, Completions};

use crate::common::rig::{bytes, limits};
use crate::common::system::thread_number;
use crate::common::{on_each_backend, until};
use crate::rig::{KEY, Rig, is_silent, ready};

on_each_backend!(
    a_right_tells_its_key_thread_and_age,
    a_right_held_by_a_blocked_thread_is_told_as_blocked,
    a_panic_of_the_holder_re_arms,
    a_right_goes_to_another_thread,
    a_right_outlives_its_queue,
    a_right_on_a_closed_port_harms_nobody,
);

fn with_packet(choice: BackendChoice) -> Rig {
    let rig = Rig::new(choice, limits(8, 2));
    rig.post(0..4);
    rig.arrive(b"one");
    rig.completed(1);
    rig
}

fn a_right_tells_its_key_thread_and_age(choice: BackendChoice) {
    let mut rig = with_packet(choice);
    assert!(rig.port.held_rights().is_empty(), "nobody has taken the packet yet");
    let mut ready = rig.ready();
    let held = rig.port.held_rights();
    assert_eq!((held.len(), held[0].key, held[0].thread, held[0].blocked), (1, KEY, thread_number(), false));
    let later = until("its age to go up", || {
        Some(rig.port.held_rights()[0].age).filter(|age| *age > held[0].age + Duration::from_millis(2))
    });
    assert!(later > held[0].age);
    rig.dequeue(&mut ready);
    assert_eq!(rig.port.held_rights().len(), 1, "to dequeue does not end it");
    ready.notify();
    assert!(rig.port.held_rights().is_empty());
}

fn a_right_held_by_a_blocked_thread_is_told_as_blocked(choice: BackendChoice) {
    let rig = with_packet(choice);
    let ready = rig.ready();
    let blocked = |rig: &Rig| rig.port.held_rights().first().map(|right| right.blocked);
    assert_eq!(rig.port.blocking(|| blocked(&rig)), Some(true));
    assert_eq!(blocked(&rig), Some(false));
    drop(ready);
    assert_eq!(blocked(&rig), None);
}

fn a_panic_of_the_holder_re_arms(choice: BackendChoice) {
    let mut rig = with_packet(choice);
    let port = rig.port.clone();
    let holder = std::thread::spawn(move || {
        let mut ready = ready(&port);
        let mut some = Completions::with_capacity(4);
        assert_eq!(ready.dequeue(&mut some), 1);
        panic!("a handler that panics");
    });
    assert!(holder.join().is_err());
    // The slice of what it had is back, and the next completion has its packet.
    rig.settled();
    assert!(rig.port.held_rights().is_empty() && rig.queue.is_armed());
    assert_eq!(rig.pool.figures().used, 3);
    rig.arrive(b"two");
    assert_eq!(bytes(&rig.take_one()), b"two");
}

fn a_right_goes_to_another_thread(choice: BackendChoice) {
    let mut rig = with_packet(choice);
    let mut ready = rig.ready();
    let other = std::thread::spawn(move || {
        let mut some = Completions::with_capacity(4);
        ready.dequeue(&mut some);
        ready.notify();
        some.len()
    });
    assert_eq!(other.join().unwrap(), 1);
    rig.nothing_more();
    rig.arrive(b"two");
    assert_eq!(bytes(&rig.take_one()), b"two");
}

fn a_right_outlives_its_queue(choice: BackendChoice) {
    let rig = with_packet(choice);
    rig.arrive(b"two");
    rig.completed(2);
    let mut ready = rig.ready();
    let Rig { requests, queue, port, pool, .. } = rig;
    drop(queue);
    // What had completed is still its holder's to take.
    let mut one = Completions::with_capacity(1);
    assert_eq!((ready.key(), ready.dequeue(&mut one)), (KEY, 1));
    drop(requests);
    ready.notify();
    drop(one);
    assert!(is_silent(&port) && port.held_rights().is_empty());
    assert_eq!(pool.figures().used, 0, "what it has not taken is dropped with it");
}

fn a_right_on_a_closed_port_harms_nobody(choice: BackendChoice) {
    for taken in [false, true] {
        let rig = with_packet(choice);
        let ready = taken.then(|| rig.ready());
        rig.port.close();
        drop(ready);
        // Requests go on to complete, though nobody is told of them any more.
        rig.arrive(b"two");
        rig.completed(2);
        let Rig { requests, queue, pool, .. } = rig;
        drop(queue);
        assert_eq!(pool.figures().used, 0, "taken: {taken}");
        drop(requests);
    }
}
