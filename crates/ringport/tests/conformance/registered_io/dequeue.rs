//! Taking results out of a completion queue.

use crate::World;
use crate::framework::row::{Table, by_type, row};
use crate::rig::{Requests, Scene, SendAs, bound, limits, tokens};

pub(super) const TABLE: Table = Table {
    name: "dequeue",
    title: "Dequeue",
    rows: &[
        row!(
            results_come_in_the_order_they_completed,
            "Results come in the order they completed, whichever socket they belong to.",
            broken by "two results of different sockets change places",
        ),
        row!(
            no_more_than_asked_for,
            "As many results come as were asked for at most, and the rest stays.",
            broken by "one more comes than was asked for",
        ),
        row!(
            a_batch_costs_no_call_for_each_result,
            "A batch of results is taken without a system call for each.",
            broken by "each result is counted as a call",
            on "epoll": "a batch costs one `recvmmsg`, and an empty queue one call as well",
        ),
        by_type!(
            one_thread_dequeues,
            "A completion queue stays on its thread, so one thread dequeues at a time.",
            "src/queue/by_type.rs",
            "A completion queue stays on its thread",
        ),
    ],
};

fn results_come_in_the_order_they_completed(world: &World) {
    let mut scene = Scene::new(world, limits(0, 8));
    scene.queue.resize(16).unwrap();
    let other = Requests::new(world, &bound(), &scene.queue, &scene.queue, limits(0, 8), 78).unwrap();
    let to = SendAs::to(scene.client_address());
    for token in 0..8 {
        let requests = if token % 3 == 0 { &other } else { &scene.requests };
        requests.send_as(to, scene.pool.filled(b"x"), token).unwrap();
    }
    assert_eq!(tokens(&scene.take(8)), (0..8).collect::<Vec<_>>());
}

fn no_more_than_asked_for(world: &World) {
    let mut scene = Scene::new(world, limits(0, 5));
    (0..5).for_each(|token| scene.send(b"x", token));
    assert_eq!(tokens(&scene.queue.dequeue(3)), [0, 1, 2]);
    assert_eq!(tokens(&scene.queue.dequeue(3)), [3, 4]);
    assert!(scene.queue.dequeue(3).is_empty());
}

fn a_batch_costs_no_call_for_each_result(world: &World) {
    let mut scene = Scene::new(world, limits(64, 0));
    scene.post(0..64);
    // What was posted reaches the kernel with the first look.
    assert!(scene.queue.dequeue(64).is_empty());
    (0..64).for_each(|_| scene.arrive(b"x"));
    // Where the system moves the bytes by itself, the first of them may be all that there is so far.
    let (taken, calls) = world.until("a batch", || {
        let before = scene.queue.system_calls();
        let taken = scene.queue.dequeue(64).len();
        (taken > 1).then(|| (taken, scene.queue.system_calls() - before))
    });
    assert!(calls <= 4 && calls < taken as u64, "{taken} results cost {calls} system calls");
}
