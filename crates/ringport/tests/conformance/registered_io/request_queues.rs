//! Making and resizing request queues: what they reserve, and for which sockets.

use ringport::net::Domain;
#[cfg(target_os = "linux")]
use ringport::net::FromFdRefusal;
use ringport::queue::QueueError;
use ringport::{Operation, Status, UdpSocket};

use crate::World;
use crate::framework::row::{Table, by_type, row};
#[cfg(target_os = "linux")]
use crate::rig::adopt;
use crate::rig::{Queue, Requests, Scene, SendAs, bound, limits};

pub(super) const TABLE: Table = Table {
    name: "request_queues",
    title: "Request queues",
    rows: &[
        row!(
            limits_add_up_to_the_size_at_most,
            "The limits of all request queues of a completion queue never exceed its size; one that finds no room is refused.",
            broken by "it is made on a completion queue of its own",
        ),
        row!(
            each_direction_completes_in_its_queue,
            "Receives complete in one completion queue and sends in another, or both in one.",
            broken by "sends complete where receives do",
        ),
        row!(
            the_socket_need_not_be_bound,
            "It can be made before the socket is bound.",
            broken by "an unbound socket is refused",
        ),
        row!(
            the_socket_need_not_be_connected,
            "It can be made before the socket is connected.",
            broken by "it never finds out that the socket was connected",
        ),
        row!(
            limits_of_nothing_are_refused,
            "Limits that allow neither receives nor sends are refused.",
            broken by "one receive is allowed instead",
        ),
        row!(
            a_socket_has_one_request_queue,
            "A second request queue for the same direction of a socket is refused.",
            broken by "it is made for another socket",
        ),
        row!(
            a_file_is_refused,
            "A descriptor that is no socket is refused.",
            broken by "the refusal is swallowed",
            only on linux: "a file is not a socket by its type",
        ),
        row!(
            a_raw_socket_is_refused,
            "A raw socket is refused as not supported.",
            broken by "the refusal is swallowed",
            only on linux: "only an administrator may open one",
        ),
        by_type!(
            only_sockets_are_served,
            "Nothing but a datagram socket, a connection or a listener can have a request queue.",
            "src/queue/by_type.rs",
            "A request queue serves sockets",
        ),
        by_type!(
            no_request_queue_without_completion_queue,
            "None can be made on a completion queue that was closed: that queue is gone.",
            "src/queue/by_type.rs",
            "A closed queue cannot be used",
        ),
        row!(
            resizing_carries_requests_over,
            "What is posted stays posted when the limits change.",
            broken by "it is cancelled",
        ),
        row!(
            resizing_below_what_is_out_is_refused,
            "Limits below what is outstanding are refused, and nothing changes.",
            broken by "the refusal is swallowed",
        ),
        row!(
            resizing_to_nothing_is_refused,
            "Limits cannot both become 0.",
            broken by "the refusal is swallowed",
        ),
        row!(
            growing_takes_room,
            "Larger limits are refused where the completion queue has no room, and nothing changes.",
            broken by "the refusal is swallowed",
        ),
        by_type!(
            nobody_posts_while_it_is_resized,
            "Resizing and posting exclude each other: the queue stays on its thread.",
            "src/queue/by_type.rs",
            "A request queue stays on its thread, its committer may go",
        ),
    ],
};

fn limits_add_up_to_the_size_at_most(world: &World) {
    let queue = Queue::polled(world, 8).unwrap();
    let _six = Requests::new(world, &bound(), &queue, &queue, limits(4, 2), 0).unwrap();
    let refused = Requests::new(world, &bound(), &queue, &queue, limits(2, 1), 0).err();
    let refused = refused.expect("nine places in a queue of eight");
    assert!(matches!(refused, QueueError::NoRoom { asked: 3, reserved: 6, size: 8 }), "{refused}");
    let _two = Requests::new(world, &bound(), &queue, &queue, limits(1, 1), 0).unwrap();
    assert_eq!((queue.size(), queue.reserved()), (8, 8));
}

fn each_direction_completes_in_its_queue(world: &World) {
    let (mut receives, mut sends) = (Queue::polled(world, 8).unwrap(), Queue::polled(world, 8).unwrap());
    let mut scene = Scene::new(world, limits(1, 1));
    let socket = bound();
    let requests = Requests::new(world, &socket, &receives, &sends, limits(1, 1), 0).unwrap();
    requests.receive(scene.pool.take(), 1).unwrap();
    requests.send_as(SendAs::to(socket.local_addr().unwrap()), scene.pool.filled(b"x"), 2).unwrap();
    for (queue, operation) in [(&mut receives, Operation::Receive), (&mut sends, Operation::Send)] {
        let done = world.until("its completion", || queue.dequeue(8).pop());
        assert_eq!(done.operation, operation);
    }
    // Both in one.
    scene.post(0..1);
    scene.send(b"x", 1);
    scene.arrive(b"x");
    assert_eq!(scene.take(2).len(), 2);
}

fn the_socket_need_not_be_bound(world: &World) {
    let queue = Queue::polled(world, 4).unwrap();
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let requests = Requests::new(world, &socket, &queue, &queue, limits(1, 1), 0);
    let requests = requests.expect("an unbound socket");
    let mut scene = Scene::new(world, limits(1, 1));
    requests.receive(scene.pool.take(), 0).unwrap();
    // The first send binds it.
    requests.send_as(SendAs::to(scene.client_address()), scene.pool.filled(b"who"), 1).unwrap();
    scene.reply();
    let port = socket.local_addr().unwrap().port();
    scene.client.send_to(b"you", ("127.0.0.1", port)).unwrap();
    scene.queue = queue;
    let done = scene.take(2);
    assert!(done.iter().any(|done| done.operation == Operation::Receive && done.content() == b"you"));
}

fn the_socket_need_not_be_connected(world: &World) {
    let scene = Scene::new(world, limits(1, 1));
    scene.socket.connect(scene.client_address()).unwrap();
    scene.requests.send_as(SendAs::default(), scene.pool.filled(b"to the peer"), 0).unwrap();
    assert_eq!(scene.reply(), b"to the peer");
}

fn limits_of_nothing_are_refused(world: &World) {
    let queue = Queue::polled(world, 4).unwrap();
    let refused = Requests::new(world, &bound(), &queue, &queue, limits(0, 0), 0).err();
    let refused = refused.expect("a request queue for nothing");
    assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    assert_eq!(queue.reserved(), 0);
}

fn a_socket_has_one_request_queue(world: &World) {
    let (queue, socket) = (Queue::polled(world, 8).unwrap(), bound());
    let _first = Requests::new(world, &socket, &queue, &queue, limits(2, 2), 0).unwrap();
    let refused = Requests::new(world, &socket, &queue, &queue, limits(2, 2), 0).err();
    let refused = refused.expect("a second request queue");
    assert!(matches!(refused, QueueError::SocketTaken), "{refused}");
    assert_eq!(queue.reserved(), 4);
}

#[cfg(target_os = "linux")]
fn a_file_is_refused(world: &World) {
    let file = std::fs::File::open("/dev/null").unwrap();
    let refused = adopt(world, file.into()).unwrap_err();
    assert!(matches!(refused, FromFdRefusal::NotASocket), "{refused}");
}

#[cfg(target_os = "linux")]
fn a_raw_socket_is_refused(world: &World) {
    // The only raw sockets that anyone may open.
    let netlink = socket2::Domain::from(libc::AF_NETLINK);
    let raw = socket2::Socket::new(netlink, socket2::Type::RAW, None).unwrap();
    let refused = adopt(world, raw.into()).unwrap_err();
    assert!(matches!(refused, FromFdRefusal::RawSocket), "{refused}");
}

fn resizing_carries_requests_over(world: &World) {
    let mut scene = Scene::new(world, limits(4, 2));
    scene.queue.resize(100).unwrap();
    scene.post(0..2);
    for limits in [limits(50, 20), limits(2, 1)] {
        scene.requests.resize(limits).unwrap();
        assert_eq!(scene.requests.limits(), limits);
    }
    (0..2).for_each(|byte| scene.arrive(&[byte]));
    let done = scene.take(2);
    assert!(done.iter().all(|done| done.status == Status::Success), "{done:?}");
}

fn resizing_below_what_is_out_is_refused(world: &World) {
    let scene = Scene::new(world, limits(4, 4));
    scene.post(0..3);
    let refused = scene.requests.resize(limits(2, 4)).unwrap_err();
    assert!(matches!(refused, QueueError::InUse { asked: 2, needed: 3, .. }), "{refused}");
    assert_eq!((scene.requests.limits(), scene.queue.reserved()), (limits(4, 4), 8));
}

fn resizing_to_nothing_is_refused(world: &World) {
    let scene = Scene::new(world, limits(4, 4));
    let refused = scene.requests.resize(limits(0, 0)).unwrap_err();
    assert!(matches!(refused, QueueError::InvalidLimits(_)), "{refused}");
    assert_eq!(scene.requests.limits(), limits(4, 4));
}

fn growing_takes_room(world: &World) {
    let scene = Scene::new(world, limits(4, 4));
    let refused = scene.requests.resize(limits(6, 3)).unwrap_err();
    assert!(matches!(refused, QueueError::NoRoom { asked: 1, reserved: 8, size: 8 }), "{refused}");
    assert_eq!((scene.requests.limits(), scene.queue.reserved()), (limits(4, 4), 8));
}
