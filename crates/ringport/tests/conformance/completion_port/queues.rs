//! Completion queues on a port: one packet an arming, and the exclusive right to drain.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::rig::{Event, KEY, Port, QueueScene, Worker, record};
use crate::World;
use crate::framework::row::{Table, by_type, row};

pub(super) const TABLE: Table = Table {
    name: "queues",
    title: "A completion queue on a port",
    rows: &[
        row!(
            one_packet_comes_for_each_arming,
            "However much completes, one packet comes for each arming.",
            broken by "a second packet follows",
        ),
        row!(
            the_right_is_exclusive_until_it_re_arms,
            "Who has the packet may drain the queue as often as it likes, and nobody else is told of it until it re-arms.",
            broken by "the right ends when it has been used once",
        ),
        by_type!(
            only_the_right_drains,
            "Nobody can drain the queue without the right, nor with one that has ended.",
            "src/queue/by_type.rs",
            "A queue on a port is drained through the right that its packet brings",
        ),
        row!(
            one_thread_at_a_time_keeps_the_order,
            "Several threads that re-arm last handle the results of a socket in order, without a lock of their own.",
            broken by "one result is handled after the next",
        ),
        row!(
            re_arming_first_lets_another_thread_work,
            "A thread that re-arms first lets another work on later results beside it.",
            broken by "the right is kept until the thread is done",
        ),
        row!(
            a_right_that_is_held_is_told,
            "A right that is held is counted and aged, with the key of its queue.",
            broken by "its key is not told",
        ),
        row!(
            a_right_of_a_blocked_thread_is_told_as_blocked,
            "A right that is held by a blocked thread is told as such, since it stops the sockets of its queue.",
            broken by "it is told as any other",
        ),
    ],
};

fn one_packet_comes_for_each_arming(world: &World) {
    let scene = QueueScene::new(world, 8);
    for round in 0..2 {
        (1..4).for_each(|count| scene.arrive(b"x", 3 * round + count));
        let mut right = scene.ready();
        assert!(scene.port.is_silent(), "a second packet");
        assert_eq!((right.key(), right.drain().len()), (KEY, 3));
        right.notify();
        assert!(scene.port.is_silent(), "a packet for nothing");
    }
}

fn the_right_is_exclusive_until_it_re_arms(world: &World) {
    let scene = QueueScene::under(world, 71, 8);
    let mut right = None;
    for count in 1..4 {
        scene.arrive(b"x", count);
        let right = right.get_or_insert_with(|| scene.ready());
        assert!(scene.port.is_silent());
        assert_eq!(right.drain().len(), 1);
    }
}

/// Serves the queue until the port is closed, re-arming last.
fn serve(world: &World, port: &Port, handled: &Mutex<Vec<u64>>, count: &AtomicU64) {
    while let Ok(Event::Ready(mut right)) = port.wait(Some(world.patience())) {
        for done in right.drain() {
            // The lock is for the compiler. It never waits, since the right is exclusive.
            let mut handled = handled.try_lock().expect("one thread at a time");
            record(world, &mut handled, u64::from(done.content()[0]));
            count.store(handled.len() as u64, Ordering::Relaxed);
        }
        right.notify();
    }
}

fn one_thread_at_a_time_keeps_the_order(world: &World) {
    const MANY: u64 = 100;
    let scene = QueueScene::new(world, MANY as u32);
    let (handled, count) = (Mutex::default(), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| serve(world, &scene.port, &handled, &count)));
        (1..=MANY).for_each(|number| scene.arrive(&[number as u8 - 1], number as usize));
        world.until("all of them", || (count.load(Ordering::Relaxed) == MANY).then_some(()));
        scene.port.close();
        assert!(threads.into_iter().all(|thread| thread.join().is_ok()));
    });
    assert_eq!(handled.into_inner().unwrap(), (0..MANY).collect::<Vec<_>>());
}

fn re_arming_first_lets_another_thread_work(world: &World) {
    let scene = QueueScene::new(world, 4);
    let other = Worker::new(&scene.port);
    scene.arrive(b"first", 1);
    let mut right = scene.ready();
    let first = right.drain();
    right.notify_first();
    scene.arrive(b"second", 2);
    other.wait();
    let Ok(Event::Ready(mut right)) = other.report() else { panic!("no packet for the other thread") };
    // The first result is still being worked on, and its slice is out.
    assert_eq!((first[0].content(), right.drain()[0].content()), (b"first".to_vec(), b"second".to_vec()));
    assert_eq!(scene.used(), 3);
}

fn a_right_that_is_held_is_told(world: &World) {
    let scene = QueueScene::new(world, 4);
    scene.arrive(b"x", 1);
    assert!(scene.port.held_rights().is_empty(), "nobody has taken the packet yet");
    let right = scene.ready();
    let held = scene.port.held_rights();
    assert_eq!((held.len(), held[0].key), (1, KEY));
    let older = || (scene.port.held_rights()[0].age > held[0].age + Duration::from_millis(1)).then_some(());
    world.until("its age to go up", older);
    right.notify();
    assert!(scene.port.held_rights().is_empty());
}

fn a_right_of_a_blocked_thread_is_told_as_blocked(world: &World) {
    let scene = QueueScene::new(world, 4);
    scene.arrive(b"x", 1);
    let _right = scene.ready();
    let blocked = || scene.port.held_rights()[0].blocked;
    assert!(!blocked());
    assert!(scene.port.blocking(blocked));
}
