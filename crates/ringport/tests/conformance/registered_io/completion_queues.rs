//! Making, resizing and closing completion queues.

use ringport::queue::{PostError, QueueError};
use ringport::{CompletionPort, Packet, PortRequestQueue};

use crate::World;
use crate::framework::row::{Table, by_type, elsewhere, row};
use crate::rig::{Pool, Queue, Requests, Scene, bound, limits, queue_on, tokens};

pub(super) const TABLE: Table = Table {
    name: "completion_queues",
    title: "Completion queues",
    rows: &[
        row!(
            sizes_out_of_range_are_refused,
            "A size below 1 or above 0x8000000 is refused with the range.",
            broken by "a queue of one place is made instead",
        ),
        elsewhere!(
            no_memory_is_told,
            "A queue whose memory cannot be had is refused.",
            "it takes limits of a whole process, which the suite of faults lowers in processes of its own",
        ),
        by_type!(
            a_polled_queue_has_no_notification,
            "A queue that was made without a notification cannot be armed.",
            "src/queue/by_type.rs",
            "A polled queue has no notification",
        ),
        row!(
            arming_resets_the_event,
            "With NotifyReset, arming the queue resets its event.",
            broken by "the event stays as it is",
        ),
        row!(
            without_reset_the_event_stays_set,
            "Without NotifyReset, the event stays set until the program resets it.",
            broken by "arming resets it",
        ),
        row!(
            on_a_port_the_key_comes_back,
            "The packet of a queue on a completion port carries the key of that queue.",
            broken by "it carries another key",
        ),
        row!(
            a_closed_queue_takes_no_requests,
            "A request whose completion queue was closed is refused.",
            broken by "the refusal is swallowed",
        ),
        row!(
            closing_gives_the_memory_back,
            "Closing drops all completions, had and to come, and their buffers return.",
            broken by "the buffers of completions in the queue are kept",
        ),
        by_type!(
            a_closed_queue_cannot_be_used,
            "Nobody can do anything with a queue that was closed.",
            "src/queue/by_type.rs",
            "A closed queue cannot be used",
        ),
        row!(
            resizing_carries_completions_over,
            "What is in the queue stays in it when it is resized.",
            broken by "the first completion is lost",
        ),
        row!(
            resizing_below_what_is_reserved_is_refused,
            "A size below what its request queues reserve is refused, and nothing changes.",
            broken by "the refusal is swallowed",
        ),
        row!(
            resizing_out_of_range_is_refused,
            "A new size below 1 or above 0x8000000 is refused.",
            broken by "the refusal is swallowed",
        ),
        by_type!(
            nobody_dequeues_while_it_is_resized,
            "Resizing and dequeueing exclude each other: the queue stays on its thread.",
            "src/queue/by_type.rs",
            "A completion queue stays on its thread",
        ),
    ],
};

fn sizes_out_of_range_are_refused(world: &World) {
    for size in [0, 0x800_0001] {
        let refused = Queue::event(world, size).err().expect("a queue of an impossible size was made");
        assert!(matches!(refused, QueueError::InvalidSize { asked, .. } if asked == size), "{refused}");
    }
}

/// A scene whose event was set, and whose queue was emptied and armed again since.
fn armed_again(world: &World, reset: bool) -> Scene {
    let mut scene = Scene::new(world, limits(2, 0));
    let queue = Queue::event_with(world, 4, reset).unwrap();
    scene.socket = bound();
    scene.address = scene.socket.local_addr().unwrap();
    scene.requests = Requests::new(world, &scene.socket, &queue, &queue, limits(2, 0), 0).unwrap();
    scene.queue = queue;
    assert!(!scene.queue.readable());
    scene.post(0..2);
    scene.queue.notify().unwrap();
    scene.arrive(b"x");
    let queue = &mut scene.queue;
    world.until("the event", || (queue.readable() && queue.take_notification()).then_some(()));
    scene.take(1);
    assert!(scene.queue.readable(), "taking the results does not reset it");
    scene.queue.notify().unwrap();
    scene
}

/// Waits until a poll loop that was told falsely is told no more.
fn becomes_quiet(world: &World, queue: &mut Queue) {
    world.until("the event to be reset", || {
        assert!(!queue.take_notification());
        (!queue.readable()).then_some(())
    });
}

fn arming_resets_the_event(world: &World) {
    assert!(
        !armed_again(world, true).queue.readable(),
        "the event is set although the queue was armed again"
    );
}

fn without_reset_the_event_stays_set(world: &World) {
    let mut scene = armed_again(world, false);
    assert!(scene.queue.readable(), "to arm it does not reset it");
    scene.queue.reset();
    becomes_quiet(world, &mut scene.queue);
}

fn on_a_port_the_key_comes_back(world: &World) {
    let port = CompletionPort::new(1).unwrap();
    let queue = queue_on(world, &port, 4, 7, 4);
    let (socket, pool) = (bound(), Pool::new(world, 64, 4).unwrap());
    let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(0, 4), 0).unwrap();
    requests.send_to(pool.filled(b"x"), socket.local_addr().unwrap(), 0).unwrap();
    let packet = port.wait(Some(world.patience()));
    assert!(matches!(&packet, Ok(Packet::Ready(ready)) if ready.key() == 7), "{packet:?}");
}

fn a_closed_queue_takes_no_requests(world: &World) {
    let (receives, sends) = (Queue::polled(world, 8).unwrap(), Queue::polled(world, 8).unwrap());
    let pool = Pool::new(world, 64, 4).unwrap();
    let requests = Requests::new(world, &bound(), &receives, &sends, limits(4, 4), 0).unwrap();
    receives.close();
    let refused = requests.receive(pool.take(), 1).unwrap_err();
    assert!(matches!(refused.error, PostError::Closed), "{refused}");
}

fn closing_gives_the_memory_back(world: &World) {
    let mut scene = Scene::new(world, limits(3, 0));
    scene.post(0..3);
    scene.arrive(b"in the queue already");
    scene.wait();
    assert_eq!(scene.pool.figures().used, 3);
    let Scene { requests: _requests, queue, pool, client, address, .. } = scene;
    queue.close();
    client.send_to(b"too late", address).unwrap();
    assert_eq!(pool.figures().used, 0);
}

fn resizing_carries_completions_over(world: &World) {
    let mut scene = Scene::new(world, limits(1, 4));
    (0..4).for_each(|token| scene.send(b"x", token));
    for size in [1000, 5] {
        scene.queue.resize(size).unwrap();
        assert_eq!(scene.queue.size(), size);
    }
    assert_eq!(tokens(&scene.take(4)), [0, 1, 2, 3]);
}

fn resizing_below_what_is_reserved_is_refused(world: &World) {
    let mut queue = Queue::polled(world, 10).unwrap();
    let _requests = Requests::new(world, &bound(), &queue, &queue, limits(4, 2), 0).unwrap();
    let refused = queue.resize(5).unwrap_err();
    assert!(matches!(refused, QueueError::InUse { asked: 5, needed: 6, .. }), "{refused}");
    assert_eq!((queue.size(), queue.reserved()), (10, 6));
    queue.resize(6).unwrap();
}

fn resizing_out_of_range_is_refused(world: &World) {
    let mut queue = Queue::polled(world, 10).unwrap();
    for size in [0, 0x800_0001] {
        let refused = queue.resize(size).unwrap_err();
        assert!(matches!(refused, QueueError::InvalidSize { .. }), "{refused}");
    }
    assert_eq!(queue.size(), 10);
}
