//! Pitfalls of what lives how long: sockets, buffers, addresses, and errors that are nobody's.

use ringport::net::ControlBuffer;
use ringport::port::PortError;
use ringport::{CompletionPort, Operation, Status, StreamListener, UdpSocket};

use crate::World;
use crate::rig::{Pool, Queue, Requests, Scene, SendAs, associate, bound, limits, private, tokens};

pub(super) fn a_socket_can_be_used_again(world: &World) {
    let queue = Queue::polled(world, 4).unwrap();
    let socket = bound();
    for _ in 0..3 {
        let requests = Requests::new(world, &socket, &queue, &queue, limits(1, 1), 0);
        requests.expect("a socket whose request queue was closed").close();
    }
}

/// The orders in which four things can be dropped.
fn orders() -> impl Iterator<Item = [usize; 4]> {
    let all = (0..256).map(|number| [number & 3, number >> 2 & 3, number >> 4 & 3, number >> 6]);
    all.filter(|order| (0..4).all(|thing| order.contains(&thing)))
}

pub(super) fn dropping_in_any_order_is_safe(world: &World) {
    assert_eq!(orders().count(), 24);
    // A port that was free, too: Wine takes sockets of one port for rivals whatever their addresses.
    let address = UdpSocket::bind((private(), 0)).unwrap().local_addr().unwrap();
    for order in orders() {
        let mut scene = Scene::with_socket(world, limits(4, 1), UdpSocket::bind(address).unwrap());
        scene.post(0..4);
        let later = SendAs::to(scene.client_address()).defer();
        scene.requests.send_as(later, scene.pool.filled(b"never sent"), 4).unwrap();
        // Some are with the kernel, one has completed, and one more comes.
        scene.arrive(b"x");
        scene.wait();
        scene.arrive(b"y");
        let Scene { requests, queue, pool, socket, .. } = scene;
        let figures = pool.clone();
        let (mut requests, mut queue, mut pool, mut socket) =
            (Some(requests), Some(queue), Some(pool), Some(socket));
        for thing in order {
            match thing {
                0 => drop(requests.take()),
                1 => queue.take().into_iter().for_each(Queue::abandon),
                2 => drop(pool.take()),
                _ => drop(socket.take()),
            }
        }
        // Windows may close a socket a moment later, when it is done with what was cancelled.
        assert_eq!(figures.figures().used, 0, "slices are missing after {order:?}");
        world.until("the socket to be closed", || UdpSocket::bind(address).ok());
    }
}

pub(super) fn an_accepted_socket_is_served(world: &World) {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let (mut queue, pool) = (Queue::polled(world, 4).unwrap(), Pool::new(world, 64, 4).unwrap());
    let accepts = Requests::new(world, &listener, &queue, &queue, limits(1, 0), 0).unwrap();
    accepts.accept(0).unwrap();
    let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let socket = world.until("a connection", || queue.dequeue(4).pop()).stream.unwrap();
    let requests = Requests::new(world, &socket, &queue, &queue, limits(1, 1), 1);
    let requests = requests.expect("a request queue on an accepted socket");
    requests.receive(pool.take(), 1).unwrap();
    std::io::Write::write_all(&mut client, b"hello").unwrap();
    assert_eq!(world.until("its bytes", || queue.dequeue(4).pop()).content(), b"hello");
}

pub(super) fn plain_operations_do_not_mix_in(world: &World) {
    let scene = Scene::new(world, limits(1, 1));
    let port = CompletionPort::builder().backend(world.backend.choice).build().unwrap();
    let refused = associate(world, &port, &scene.socket).unwrap_err();
    assert!(matches!(refused, PortError::AlreadyAssociated), "{refused}");
}

pub(super) fn addresses_live_as_long_as_their_request(world: &World) {
    let scene = Scene::with_socket(world, limits(0, 2), UdpSocket::bind("0.0.0.0:0").unwrap());
    let from = private();
    {
        let mut control = ControlBuffer::new();
        control.source(from, 0).unwrap();
        let to = SendAs { control: Some(&control), ..SendAs::to(scene.client_address()) };
        scene.requests.send_as(to.defer(), scene.pool.filled(b"x"), 0).unwrap();
        control.clear();
    }
    scene.requests.commit();
    scene.client.set_read_timeout(Some(world.patience())).unwrap();
    let (_, source) = scene.client.recv_from(&mut [0; 8]).unwrap();
    assert_eq!(source.ip(), from);
}

pub(super) fn cut_datagrams_say_so(world: &World) {
    let mut scene = Scene::new(world, limits(2, 0));
    scene.post(0..2);
    scene.arrive(&[1; 257]);
    scene.arrive(&[2; 256]);
    let statuses: Vec<_> = scene.take(2).iter().map(|done| (done.status, done.bytes)).collect();
    assert_eq!(statuses, [(Status::Truncated, 256), (Status::Success, 256)]);
}

pub(super) fn an_unreachable_peer_harms_no_receive(world: &World) {
    let socket = bound();
    socket.connect((private(), 9)).unwrap();
    let mut scene = Scene::with_socket(world, limits(1, 1), socket);
    scene.post(0..1);
    scene.requests.send_as(SendAs::default(), scene.pool.filled(b"anyone?"), 1).unwrap();
    let mut done = Vec::new();
    world.until("the error to be counted", || {
        done.extend(scene.queue.dequeue(8));
        (scene.requests.counters().unreachable > 0).then_some(())
    });
    done.extend(scene.queue.dequeue(8));
    assert!(done.iter().all(|done| done.operation == Operation::Send), "{done:?}");
    assert_eq!(scene.requests.outstanding().receives, 1);
}

pub(super) fn cancelled_requests_are_aborted_once(world: &World) {
    let mut scene = Scene::new(world, limits(3, 0));
    scene.post(0..3);
    scene.requests.cancel();
    let mut done = scene.take(3);
    done.extend(scene.queue.dequeue(8));
    assert_eq!(tokens(&done), [0, 1, 2]);
    assert!(done.iter().all(|done| done.status == Status::Aborted), "{done:?}");
}
