//! Dropped in any order, with requests in flight: every slice comes back, and the port of the socket is free.

use std::net::SocketAddr;

use ringport::{BackendChoice, BufferPool, PortRequestQueue, Ready, Send, Status, UdpSocket};

use crate::common::child::no_child_starts;
use crate::common::lonely::{self, lonely};
use crate::common::rig::{builder, limits, plain, pool};
use crate::common::{on_each_backend, until};
use crate::rig::{Rig, ready};

on_each_backend!(
    a_dropped_request_queue_aborts_and_frees_its_port_at_once,
    everything_may_be_dropped_in_any_order,
    a_dropped_queue_gives_slices_back_at_once,
    a_socket_of_two_queues_is_let_go_by_both,
);

/// A socket where no other test takes the port that it lets go.
fn alone() -> UdpSocket {
    UdpSocket::bind((lonely(), 0)).unwrap()
}

fn is_free(address: SocketAddr) -> bool {
    let _no_copies = no_child_starts();
    lonely::is_free(address)
}

fn a_dropped_request_queue_aborts_and_frees_its_port_at_once(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 8));
    for _ in 0..10 {
        let socket = alone();
        let address = socket.local_addr().unwrap();
        let queue = builder(choice, 32).on(&rig.port, 1).unwrap();
        let requests = PortRequestQueue::new(&socket, &queue, &queue, limits(8, 8), 5).unwrap();
        for token in 0..6 {
            requests.receive_from(rig.marked(0), token).unwrap();
        }
        let later = Send::new().to(rig.client_address()).defer();
        requests.send_with(rig.filled(b"never"), later, 6).unwrap();
        rig.client.send_to(b"received", address).unwrap();
        until("the datagram", || (queue.completed() == 1).then_some(()));
        drop((requests, socket));
        assert!(is_free(address), "nothing is dequeued yet, and the port is free all the same");
        let mut ready = ready(&rig.port);
        let taken = rig.dequeue(&mut ready);
        let statuses: Vec<_> =
            taken.iter().map(|completion| (completion.token(), completion.status())).collect();
        let mut expected: Vec<_> = (1..7).map(|token| (token, Status::Aborted)).collect();
        expected.insert(0, (0, Status::Success));
        assert_eq!(statuses, expected);
        assert!(taken.iter().all(|completion| completion.socket_context() == 5));
        drop(taken);
        assert_eq!((queue.reserved(), rig.pool.figures().used), (0, 0));
        // The queue goes on with another socket.
        let other = crate::rig::socket();
        let another = PortRequestQueue::new(&other, &queue, &queue, limits(8, 8), 6).unwrap();
        another.receive(rig.marked(0), 9).unwrap();
        rig.client.send_to(b"more", other.local_addr().unwrap()).unwrap();
        ready.notify();
        let mut ready = crate::rig::ready(&rig.port);
        assert_eq!(rig.dequeue(&mut ready)[0].socket_context(), 6);
    }
}

/// A right that is held, and all that it could depend on.
struct Everything {
    right: Option<Ready>,
    requests: Option<PortRequestQueue>,
    queue: Option<ringport::queue::PortQueue>,
    port: Option<ringport::CompletionPort>,
    pool: Option<BufferPool>,
    socket: Option<UdpSocket>,
}

impl Everything {
    fn in_flight(choice: BackendChoice) -> Everything {
        let rig = Rig::with_socket(choice, limits(8, 8), alone());
        for token in 0..6 {
            rig.requests.receive_from(rig.marked(0), token).unwrap();
        }
        let to = rig.client_address();
        rig.arrive(b"one");
        rig.arrive(b"two");
        rig.completed(2);
        rig.requests.send_to(rig.filled(b"sent"), to, 6).unwrap();
        rig.requests.send_with(rig.filled(b"later"), Send::new().to(to).defer(), 7).unwrap();
        let right = rig.ready();
        let Rig { requests, queue, port, pool, socket, .. } = rig;
        Everything {
            right: Some(right),
            requests: Some(requests),
            queue: Some(queue),
            port: Some(port),
            pool: Some(pool),
            socket: Some(socket),
        }
    }

    fn drop_one(&mut self, place: usize) {
        match place {
            0 => self.right = None,
            1 => self.requests = None,
            2 => self.queue = None,
            3 => self.port = None,
            4 => self.pool = None,
            _ => self.socket = None,
        }
    }
}

fn everything_may_be_dropped_in_any_order(choice: BackendChoice) {
    let mut orders = vec![Vec::new()];
    for place in 0..6 {
        let insert = |order: &Vec<usize>| {
            let order = order.clone();
            (0..=order.len()).map(move |at| [&order[..at], &[place], &order[at..]].concat())
        };
        orders = orders.iter().flat_map(insert).collect();
    }
    assert_eq!(orders.len(), 720);
    for order in orders {
        let mut everything = Everything::in_flight(choice);
        let address = everything.socket.as_ref().unwrap().local_addr().unwrap();
        let watch = everything.pool.clone().unwrap();
        order.iter().for_each(|place| everything.drop_one(*place));
        assert!(is_free(address), "{order:?}");
        assert_eq!(watch.figures().used, 0, "{order:?}");
    }
}

fn a_dropped_queue_gives_slices_back_at_once(choice: BackendChoice) {
    for held in [false, true] {
        let rig = Rig::new(choice, limits(8, 2));
        rig.post(0..6);
        (0..3).for_each(|_| rig.arrive(b"x"));
        rig.completed(3);
        let right = held.then(|| rig.ready());
        let Rig { requests, queue, port, pool, .. } = rig;
        drop(queue);
        // Neither the packet that waits nor the right that is held keeps more than what has completed.
        assert!(pool.figures().used <= 3);
        assert_eq!(pool.figures().receiving, 0);
        drop(right);
        if !held {
            drop(ready(&port));
        }
        assert_eq!(pool.figures().used, 0, "although the request queue and the port are there: held {held}");
        drop((requests, port));
    }
}

fn a_socket_of_two_queues_is_let_go_by_both(choice: BackendChoice) {
    let port = ringport::CompletionPort::new(1).unwrap();
    let queues = [1, 2].map(|key| builder(choice, 8).on(&port, key).unwrap());
    let (pool, to) = (pool(64, 16), plain().local_addr().unwrap());
    for _ in 0..10 {
        let socket = alone();
        let address = socket.local_addr().unwrap();
        let requests = PortRequestQueue::new(&socket, &queues[0], &queues[1], limits(4, 4), 0).unwrap();
        requests.receive(pool.take().unwrap(), 0).unwrap();
        requests.send_with(pool.take().unwrap(), Send::new().to(to).defer(), 1).unwrap();
        drop((socket, requests));
        assert!(is_free(address));
        let mut some = ringport::Completions::with_capacity(8);
        for _ in 0..2 {
            assert_eq!(ready(&port).dequeue(&mut some), 1);
        }
        assert!(some.drain().all(|completion| completion.status() == Status::Aborted));
        assert_eq!((queues[0].reserved(), queues[1].reserved(), pool.figures().used), (0, 0, 0));
    }
}
