//! Pitfalls of being told: too often, too late, never, or for too much at once.

use std::sync::mpsc;

use ringport::queue::AlreadyArmed;
use ringport::{CompletionPort, Completions, Packet, PortRequestQueue};

use crate::World;
use crate::rig::{Pool, Scene, bound, limits, queue_on, wait_many};

pub(super) fn a_notification_brings_a_result(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    scene.queue.notify().unwrap();
    (0..3).for_each(|_| scene.stays_quiet());
    scene.arrive(b"x");
    scene.fired();
    assert_eq!(scene.queue.dequeue(8).len(), 1);
}

pub(super) fn no_wake_up_is_lost(world: &World) {
    const ROUNDS: u64 = 200;
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    let (ask, asked) = mpsc::channel::<()>();
    let (client, to) = (scene.client.try_clone().unwrap(), scene.address);
    let other = std::thread::spawn(move || asked.iter().all(|()| client.send_to(b"x", to).is_ok()));
    for round in 0..ROUNDS {
        ask.send(()).unwrap();
        scene.queue.notify().unwrap();
        scene.fired();
        assert_eq!(scene.queue.dequeue(8).len(), 1, "round {round}");
        scene.post(0..1);
    }
    drop(ask);
    assert!(other.join().unwrap());
}

pub(super) fn arming_twice_is_refused(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    scene.queue.notify().unwrap();
    assert_eq!(scene.queue.notify(), Err(AlreadyArmed));
    assert!(scene.queue.is_armed());
}

pub(super) fn arming_a_queue_with_results_fires_at_once(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    scene.post(0..1);
    scene.arrive(b"x");
    scene.wait();
    // As long as it is there.
    scene.wait();
}

pub(super) fn results_of_a_packet_are_capped(world: &World) {
    let port = CompletionPort::new(1).unwrap();
    let queue = queue_on(world, &port, 5, 1, 2);
    let (socket, pool) = (bound(), Pool::new(world, 64, 8).unwrap());
    let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(0, 5), 0).unwrap();
    for token in 0..5 {
        requests.send_to(pool.filled(b"x"), socket.local_addr().unwrap(), token).unwrap();
    }
    world.until("all to complete", || (queue.completed() == 5).then_some(()));
    let mut counts = Vec::new();
    while counts.iter().sum::<usize>() < 5 {
        let Ok(Packet::Ready(mut ready)) = port.wait(Some(world.patience())) else { panic!("no packet") };
        counts.push(ready.dequeue(&mut Completions::with_capacity(8)));
        ready.notify();
    }
    assert_eq!(counts, [2, 2, 1]);
}

pub(super) fn batches_are_as_large_as_asked_for(world: &World) {
    let port = CompletionPort::new(1).unwrap();
    (0..5).for_each(|value| port.post(0, value).unwrap());
    assert_eq!(wait_many(world, &port, 3), 3);
    assert_eq!(wait_many(world, &port, 3), 2);
}
