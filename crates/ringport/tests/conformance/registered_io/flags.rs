//! DEFER, COMMIT_ONLY, WAITALL and DONT_NOTIFY.

use ringport::queue::PostError;

use crate::World;
use crate::framework::row::{Table, by_type, row};
use crate::rig::{ReceiveAs, Scene, SendAs, limits, tokens};

pub(super) const TABLE: Table = Table {
    name: "flags",
    title: "Flags",
    rows: &[
        row!(
            deferred_requests_wait,
            "DEFER: a deferred send does not run by itself.",
            broken by "it leaves at once",
        ),
        row!(
            the_next_post_takes_the_deferred_along,
            "DEFER: the next send that is not deferred takes those before it along, in order.",
            broken by "it is deferred, too",
        ),
        row!(
            a_commit_submits_what_was_deferred,
            "COMMIT_ONLY: a commit submits what was deferred.",
            broken by "it does nothing",
        ),
        row!(
            a_commit_makes_no_completion,
            "COMMIT_ONLY: a commit makes no completion of its own.",
            broken by "one with nothing to submit makes one",
        ),
        row!(
            another_thread_may_commit,
            "COMMIT_ONLY: a commit may run beside posts of the same queue, on any thread.",
            broken by "commits of other threads do nothing",
        ),
        by_type!(
            a_commit_takes_nothing,
            "COMMIT_ONLY: a commit takes no buffer and no other flag.",
            "src/queue/by_type.rs",
            "A commit takes nothing",
        ),
        row!(
            waiting_for_all_needs_a_stream,
            "WAITALL: a receive of datagrams that asks for it is refused.",
            broken by "the flag is ignored",
        ),
        by_type!(
            sends_do_not_wait_for_all,
            "WAITALL: a send has no such flag.",
            "src/queue/by_type.rs",
            "A send cannot wait for all",
        ),
        row!(
            silent_requests_do_not_notify,
            "DONT_NOTIFY: the completion of a silent request triggers no notification.",
            broken by "the flag is ignored",
        ),
        row!(
            silent_requests_can_be_dequeued,
            "DONT_NOTIFY: the completion of a silent request can be dequeued as any other.",
            broken by "it is dropped",
        ),
    ],
};

fn defer(scene: &Scene, tokens: std::ops::Range<u64>) {
    let later = SendAs::to(scene.client_address()).defer();
    tokens.for_each(|token| scene.requests.send_as(later, scene.pool.filled(&[token as u8]), token).unwrap());
}

fn deferred_requests_wait(world: &World) {
    let mut scene = Scene::new(world, limits(1, 4));
    defer(&scene, 0..2);
    // Neither dequeueing nor posting a receive commits.
    assert!(scene.queue.dequeue(8).is_empty(), "a deferred send completed");
    scene.post(9..10);
    scene.nothing_sent();
}

fn the_next_post_takes_the_deferred_along(world: &World) {
    let scene = Scene::new(world, limits(0, 4));
    defer(&scene, 0..3);
    scene.send(&[3], 3);
    (0..4).for_each(|token| assert_eq!(scene.reply(), [token]));
}

fn a_commit_submits_what_was_deferred(world: &World) {
    let scene = Scene::new(world, limits(0, 4));
    defer(&scene, 0..3);
    scene.requests.commit();
    (0..3).for_each(|token| assert_eq!(scene.reply(), [token]));
}

fn a_commit_makes_no_completion(world: &World) {
    let mut scene = Scene::new(world, limits(0, 4));
    scene.requests.commit();
    assert!(scene.queue.dequeue(8).is_empty(), "a commit completed");
}

fn another_thread_may_commit(world: &World) {
    let mut scene = Scene::new(world, limits(0, 2));
    let committer = scene.requests.committer();
    defer(&scene, 0..2);
    let other = std::thread::spawn(move || committer.commit());
    assert_eq!(tokens(&scene.take(2)), [0, 1]);
    other.join().unwrap();
}

fn waiting_for_all_needs_a_stream(world: &World) {
    let scene = Scene::new(world, limits(1, 0));
    let all = ReceiveAs { wait_all: true, ..ReceiveAs::default() };
    let refused = scene.requests.receive_as(all, scene.pool.take(), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NotSupported(_)), "{refused}");
}

fn silent_requests_do_not_notify(world: &World) {
    let mut scene = Scene::new(world, limits(1, 1));
    let silent = ReceiveAs { silent: true, ..ReceiveAs::default() };
    scene.requests.receive_as(silent, scene.pool.take(), 0).unwrap();
    scene.queue.notify().unwrap();
    scene.arrive(b"x");
    let silent = SendAs { silent: true, ..SendAs::to(scene.client_address()) };
    scene.requests.send_as(silent, scene.pool.filled(b"x"), 1).unwrap();
    (0..3).for_each(|_| scene.stays_quiet());
}

fn silent_requests_can_be_dequeued(world: &World) {
    let mut scene = Scene::new(world, limits(1, 1));
    let silent = ReceiveAs { silent: true, ..ReceiveAs::default() };
    scene.requests.receive_as(silent, scene.pool.take(), 5).unwrap();
    scene.arrive(b"x");
    assert_eq!(scene.take_one().token, 5);
}
