//! Request queues of a system that ends requests with their socket, and by nothing else.

use std::net::UdpSocket as Client;
use std::os::windows::io::AsRawSocket;
use std::time::{Duration, Instant};

use super::rig::{self, KEY, room};
use super::table::manners;
use crate::backend::windows::carrier::Carrier;
use crate::queue::{
    Completion, CompletionQueue, Completions, OperationError, Polled, PortRequestQueue, RequestQueue,
};
use crate::{BackendChoice, BufferPool, CompletionPort, Limits, Packet, StreamSocket, UdpSocket};

const PATIENCE: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };

/// A socket whose requests end with it only.
fn socket() -> UdpSocket {
    stubborn(UdpSocket::bind("127.0.0.1:0").unwrap())
}

fn stubborn<S: AsRawSocket>(socket: S) -> S {
    manners::end_with_socket_only(socket.as_raw_socket() as _);
    socket
}

fn queue() -> CompletionQueue<Polled> {
    rig::install_table();
    CompletionQueue::builder(64).backend(BackendChoice::Rio).polled().unwrap()
}

fn pool() -> BufferPool {
    BufferPool::builder().slice_size(64).slices_per_region(8).regions(1..=1).build().unwrap()
}

/// A request queue with as many receives as there can be, from token 1 on, which the system has.
fn posted(socket: &UdpSocket, queue: &mut CompletionQueue<Polled>, pool: &BufferPool) -> RequestQueue {
    let requests = RequestQueue::new(socket, queue, queue, LIMITS, 0).unwrap();
    (1..=4).for_each(|token| requests.receive(pool.take().unwrap(), token).unwrap());
    assert_eq!(now(queue), []);
    requests
}

/// Token and bytes, or no bytes of what was aborted.
fn told(completion: &Completion) -> (u64, Option<usize>) {
    match completion.result() {
        Ok(bytes) => (completion.token(), Some(bytes)),
        Err(OperationError::Aborted) => (completion.token(), None),
        Err(error) => panic!("{error}"),
    }
}

fn now(queue: &mut CompletionQueue<Polled>) -> Vec<(u64, Option<usize>)> {
    let mut completions = Completions::with_capacity(64);
    queue.dequeue(&mut completions);
    completions.drain().map(|completion| told(&completion)).collect()
}

/// What comes until there are so many.
fn take(queue: &mut CompletionQueue<Polled>, count: usize) -> Vec<(u64, Option<usize>)> {
    let (mut all, until) = (Vec::new(), Instant::now() + PATIENCE);
    while all.len() < count {
        assert!(Instant::now() < until, "{all:?} of {count}");
        all.extend(now(queue));
        std::thread::yield_now();
    }
    all
}

#[test]
fn what_is_left_completes_when_the_last_owner_closes_the_socket() {
    let (mut queue, pool) = (queue(), pool());
    let socket = socket();
    let address = socket.local_addr().unwrap();
    let requests = posted(&socket, &mut queue, &pool);
    drop(requests);
    assert_eq!(now(&mut queue), [], "its owner has it still");
    Client::bind("127.0.0.1:0").unwrap().send_to(b"late", address).unwrap();
    assert_eq!(take(&mut queue, 1), [(1, Some(4))], "what it has comes through");
    assert_eq!(queue.reserved(), 8, "places are the requests'");
    drop(socket);
    assert_eq!(take(&mut queue, 3), [(2, None), (3, None), (4, None)]);
    assert_eq!((queue.reserved(), queue.leaked(), pool.free()), (0, 0, 8));
    UdpSocket::bind(address).unwrap();
}

#[test]
fn a_request_queue_that_is_the_last_owner_closes_the_socket() {
    let (mut queue, pool) = (queue(), pool());
    for _ in 0..3 {
        let socket = socket();
        let requests = posted(&socket, &mut queue, &pool);
        drop(socket);
        drop(requests);
        assert_eq!(take(&mut queue, 4), [(1, None), (2, None), (3, None), (4, None)]);
        assert_eq!((queue.reserved(), queue.leaked(), pool.free()), (0, 0, 8));
    }
}

#[test]
fn nothing_is_lost_where_the_request_queue_ends_last() {
    let (mut queue, pool) = (queue(), pool());
    let socket = socket();
    let requests = posted(&socket, &mut queue, &pool);
    drop((queue, socket));
    assert_eq!(pool.free(), 4);
    drop(requests);
    assert_eq!(pool.free(), 8);
}

#[test]
fn only_memory_is_kept_where_the_socket_ends_last() {
    let (mut queue, pool) = (queue(), pool());
    let socket = socket();
    let address = socket.local_addr().unwrap();
    let requests = posted(&socket, &mut queue, &pool);
    drop((queue, requests));
    assert_eq!(pool.free(), 4, "the system may write there");
    drop(socket);
    UdpSocket::bind(address).unwrap();
}

#[test]
fn what_is_cancelled_stays_posted_and_the_socket_goes_on() {
    let (mut queue, pool) = (queue(), pool());
    let socket = socket();
    let requests = posted(&socket, &mut queue, &pool);
    requests.cancel();
    assert_eq!((now(&mut queue), requests.outstanding().receives), (vec![], 4));
    let client = Client::bind("127.0.0.1:0").unwrap();
    for token in 1..=6 {
        client.send_to(b"goes on", socket.local_addr().unwrap()).unwrap();
        assert_eq!(take(&mut queue, 1), [(token, Some(7))]);
        requests.receive(pool.take().unwrap(), token + 4).unwrap();
    }
    drop((requests, socket));
    assert_eq!(take(&mut queue, 4).len(), 4);
    assert_eq!((queue.leaked(), pool.free()), (0, 8));
}

#[test]
fn it_is_waited_in_vain_once() {
    let mut rig = rig::rig(16);
    let socket = socket();
    rig.attach(KEY, &socket, room(4, 4));
    let slice = rig.slice();
    rig::pending(rig.receive(KEY, 0, &slice, false));
    let patience = rig.rio.patience(KEY);
    assert!(!patience.is_zero() && patience < Duration::from_secs(10));
    assert!(rig.rio.lingers(KEY, true), "some had ended");
    assert_eq!(rig.rio.patience(KEY), patience);
    assert!(rig.rio.lingers(KEY, false));
    assert_eq!(rig.rio.patience(KEY), Duration::ZERO);
    drop(socket);
    assert_eq!(rig.rio.patience(KEY), Duration::from_secs(10), "the documented way is waited for");
    assert_eq!(rig.one().1.status, crate::backend::contract::Status::Aborted);
}

#[test]
fn a_connection_ends_with_its_last_owner() {
    let (mut queue, pool) = (queue(), pool());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = stubborn(StreamSocket::connect(listener.local_addr().unwrap()).unwrap());
    let (_peer, _) = listener.accept().unwrap();
    let requests = RequestQueue::new(&socket, &queue, &queue, LIMITS, 0).unwrap();
    (1..=4).for_each(|token| requests.receive(pool.take().unwrap(), token).unwrap());
    assert_eq!(now(&mut queue), []);
    drop((requests, socket));
    assert_eq!(take(&mut queue, 4), [(1, None), (2, None), (3, None), (4, None)]);
    assert_eq!((queue.reserved(), queue.leaked(), pool.free()), (0, 0, 8));
}

#[test]
fn on_a_port_it_is_the_same() {
    rig::install_table();
    let (port, pool) = (CompletionPort::new(1).unwrap(), pool());
    let queue = CompletionQueue::builder(64).backend(BackendChoice::Rio).on(&port, 7).unwrap();
    let socket = socket();
    let requests = PortRequestQueue::new(&socket, &queue, &queue, LIMITS, 0).unwrap();
    (1..=4).for_each(|token| requests.receive(pool.take().unwrap(), token).unwrap());
    drop((requests, socket));
    let (mut all, mut completions) = (Vec::new(), Completions::with_capacity(64));
    while all.len() < 4 {
        let Packet::Ready(mut ready) = port.wait(Some(PATIENCE)).unwrap() else { panic!("another packet") };
        ready.dequeue(&mut completions);
        all.extend(completions.drain().map(|completion| told(&completion)));
    }
    assert_eq!(all, [(1, None), (2, None), (3, None), (4, None)]);
    assert_eq!(queue.reserved(), 0);
}
