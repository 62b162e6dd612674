//! Pitfalls of quota: when a place is taken, and when it is free again.

use ringport::queue::{PostError, QueueError};

use crate::World;
use crate::rig::{Requests, Scene, SendAs, bound, limits};

pub(super) fn quota_is_free_at_dequeue(world: &World) {
    let mut scene = Scene::new(world, limits(3, 0));
    scene.post(0..3);
    (0..4).for_each(|_| scene.arrive(b"x"));
    scene.wait();
    // Completed, and not dequeued: the places are taken.
    let refused = scene.requests.receive(scene.pool.take(), 3).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { limit: 3, .. }), "{refused}");
    assert_eq!(scene.requests.outstanding().receives, 3);
    // What was refused makes no completion, although a datagram waits.
    assert_eq!(scene.take(3).len(), 3);
    assert!(scene.queue.dequeue(8).is_empty());
    scene.post(3..4);
    scene.take(1);
}

pub(super) fn deferred_requests_hold_quota(world: &World) {
    let scene = Scene::new(world, limits(0, 3));
    let later = SendAs::to(scene.client_address()).defer();
    (0..3).for_each(|token| scene.requests.send_as(later, scene.pool.filled(b"x"), token).unwrap());
    let refused = scene.requests.send_as(later, scene.pool.filled(b"x"), 3).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { limit: 3, .. }), "{refused}");
    assert_eq!(scene.requests.outstanding().sends, 3);
}

pub(super) fn a_commit_works_on_a_full_queue(world: &World) {
    let scene = Scene::new(world, limits(0, 3));
    let later = SendAs::to(scene.client_address()).defer();
    (0..3).for_each(|token| scene.requests.send_as(later, scene.pool.filled(b"x"), token).unwrap());
    scene.requests.commit();
    (0..3).for_each(|_| assert_eq!(scene.reply(), b"x"));
}

pub(super) fn places_come_back_with_the_last_dequeue(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    scene.close_requests();
    for _ in 0..2 {
        let refused = Requests::new(world, &bound(), &scene.queue, &scene.queue, limits(1, 0), 0).err();
        let refused = refused.expect("a place that is not free");
        assert!(matches!(refused, QueueError::NoRoom { reserved: 2, .. }), "{refused}");
        scene.queue.dequeue(1);
    }
    assert_eq!(scene.queue.reserved(), 0);
    Requests::new(world, &bound(), &scene.queue, &scene.queue, limits(2, 0), 0).unwrap();
}
