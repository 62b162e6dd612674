//! Receives and sends: accepted or refused, of one slice or several.

use ringport::queue::PostError;
use ringport::{ChainMut, Limits};

use crate::World;
use crate::framework::row::{Table, by_type, row};
use crate::rig::{Pool, Queue, Requests, Scene, SendAs, bound, limits, tokens};

pub(super) const TABLE: Table = Table {
    name: "posting",
    title: "Receives and sends",
    rows: &[
        row!(
            an_accepted_request_completes_once,
            "Every request that was accepted completes exactly once.",
            broken by "one completion of many comes twice",
        ),
        row!(
            a_refused_request_makes_no_completion,
            "A request that was refused never completes.",
            broken by "it completes all the same",
        ),
        row!(
            a_refused_request_gives_its_buffer_back,
            "A refusal hands the buffer back as it was.",
            broken by "its bytes are gone",
        ),
        row!(
            receives_are_limited,
            "A receive beyond the limit is refused, naming the limit.",
            broken by "the refusal is swallowed",
        ),
        row!(
            sends_are_limited,
            "A send beyond the limit is refused, naming the limit.",
            broken by "the refusal is swallowed",
        ),
        row!(
            more_slices_than_stated_are_refused,
            "A request of more slices than its queue was made for is refused, and the slices come back.",
            broken by "the refusal is swallowed",
        ),
        row!(
            more_receives_than_the_kernel_takes_wait,
            "Receives beyond the kernel's largest ring wait in user space, and none is lost.",
            broken by "those that the ring does not hold are lost",
            on "epoll": "all receives wait in user space",
        ),
        row!(
            a_receive_fills_its_slices_in_order,
            "A datagram is scattered over the slices of its receive, first to last.",
            broken by "last to first",
        ),
        row!(
            a_send_gathers_its_slices,
            "The slices of a send leave as one datagram, first to last.",
            broken by "the first one is left out",
        ),
        by_type!(
            only_unique_buffers_receive,
            "The kernel writes into no buffer that anyone else can see.",
            "src/queue/by_type.rs",
            "The kernel writes into unique buffers only",
        ),
        by_type!(
            posts_exclude_each_other,
            "A request queue stays on its thread, so no two threads post to it.",
            "src/queue/by_type.rs",
            "A request queue stays on its thread, its committer may go",
        ),
    ],
};

fn an_accepted_request_completes_once(world: &World) {
    let mut scene = Scene::new(world, limits(40, 40));
    scene.post(0..40);
    (0..40).for_each(|_| scene.arrive(b"x"));
    (40..80).for_each(|token| scene.send(b"x", token));
    let mut all = tokens(&scene.take(80));
    all.extend(tokens(&scene.queue.dequeue(64)));
    all.sort_unstable();
    assert_eq!(all, (0..80).collect::<Vec<_>>());
}

fn a_refused_request_makes_no_completion(world: &World) {
    let mut scene = Scene::new(world, limits(0, 2));
    let refused = scene.requests.receive(scene.pool.take(), 99).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDirection("receives")), "{refused}");
    scene.arrive(b"for nobody");
    assert!(scene.queue.dequeue(8).is_empty(), "what was refused completed");
}

fn a_refused_request_gives_its_buffer_back(world: &World) {
    let scene = Scene::new(world, limits(1, 0));
    let to = SendAs::to(scene.client_address());
    let mut buffer = scene.pool.filled(b"mine");
    buffer.set_context(5);
    let refused = scene.requests.send_as(to, buffer, 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDirection("sends")), "{refused}");
    assert_eq!((&refused.buffer[..], refused.buffer.context()), (&b"mine"[..], 5));
}

fn receives_are_limited(world: &World) {
    let scene = Scene::new(world, limits(3, 1));
    scene.post(0..3);
    let refused = scene.requests.receive(scene.pool.take(), 3).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { what: "receives", limit: 3 }), "{refused}");
}

fn sends_are_limited(world: &World) {
    let scene = Scene::new(world, limits(1, 2));
    (0..2).for_each(|token| scene.send(b"x", token));
    let to = SendAs::to(scene.client_address());
    let refused = scene.requests.send_as(to, scene.pool.filled(b"x"), 2).unwrap_err();
    assert!(matches!(refused.error, PostError::LimitReached { what: "sends", limit: 2 }), "{refused}");
}

fn more_slices_than_stated_are_refused(world: &World) {
    let two = Limits { receives: 1, receive_buffers: 2, sends: 1, send_buffers: 2 };
    let scene = Scene::new(world, two);
    let three = |_| -> ChainMut { (0..3).map(|_| scene.pool.filled(b"x")).collect() };
    let refused = scene.requests.receive(three(()), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::SliceCount { given: 3, allowed: 2, .. }), "{refused}");
    assert_eq!(refused.buffer.buffers().len(), 3);
    let to = SendAs::to(scene.client_address());
    let refused = scene.requests.send_as(to, three(()), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::SliceCount { given: 3, allowed: 2, .. }), "{refused}");
    assert_eq!(refused.buffer.buffers().len(), 3);
}

fn more_receives_than_the_kernel_takes_wait(world: &World) {
    // The kernel's ring takes 32,768.
    const MANY: u64 = 32_868;
    let mut queue = Queue::polled(world, MANY as usize).unwrap();
    let pool = Pool::new(world, 16, MANY as usize).unwrap();
    let requests = Requests::new(world, &bound(), &queue, &queue, limits(MANY as u32, 0), 0).unwrap();
    requests.receive_many(&pool, MANY);
    assert_eq!(u64::from(requests.outstanding().receives), MANY);
    requests.cancel();
    assert_eq!(queue.discard(MANY as usize) as u64, MANY);
}

fn a_receive_fills_its_slices_in_order(world: &World) {
    let mut scene = Scene::new(world, limits(1, 0));
    let slices: Vec<_> = (0..3).map(|_| scene.pool.take()).collect();
    let places: Vec<_> = slices.iter().map(|slice| slice.offset()).collect();
    scene.requests.receive(ChainMut::from(slices), 0).unwrap();
    let datagram: Vec<u8> = (0..600u16).map(|number| number as u8 ^ (number >> 8) as u8).collect();
    scene.arrive(&datagram);
    let done = scene.take_one();
    assert_eq!((done.bytes, done.content()), (600, datagram));
    let ringport::queue::CompletedBuffer::ChainMut(chain) = done.buffer else { panic!("{done:?}") };
    let filled: Vec<_> = chain.buffers().iter().map(|slice| (slice.offset(), slice.len())).collect();
    assert_eq!(filled, [(places[0], 256), (places[1], 256), (places[2], 88)]);
}

fn a_send_gathers_its_slices(world: &World) {
    let scene = Scene::new(world, limits(0, 1));
    let chain: ChainMut =
        [&b"one "[..], b"and ", b"two"].map(|part| scene.pool.filled(part)).into_iter().collect();
    scene.requests.send_as(SendAs::to(scene.client_address()), chain, 0).unwrap();
    assert_eq!(scene.reply(), b"one and two");
}
