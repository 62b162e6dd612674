//! More requests at once than the kernel's submission queue holds, which is 128 over io_uring.

use ringport::{BackendChoice, BufferPool, Completions, RequestQueue, Status, UdpSocket};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::until;

alone_on_each_backend!(all_sockets_are_armed_at_once, all_sockets_are_cancelled_at_once);

/// More than twice as many requests as have room.
const SOCKETS: usize = 300;

fn all_sockets_are_armed_at_once(choice: BackendChoice) -> Vec<BufferPool> {
    let mut queue = builder(choice, SOCKETS).event().unwrap();
    let pool = pool(64, SOCKETS);
    let sockets: Vec<_> = (0..SOCKETS).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let all: Vec<_> = (0..)
        .zip(&sockets)
        .map(|(context, socket)| RequestQueue::new(socket, &queue, &queue, limits(1, 0), context).unwrap())
        .collect();
    let client = plain();
    let mut completions = Completions::with_capacity(SOCKETS);
    // A dozen rounds, in which every socket has to be armed anew each time.
    for round in 0..12u64 {
        for requests in &all {
            requests.receive(pool.take().unwrap(), round).unwrap();
        }
        for (number, socket) in (0..SOCKETS as u32).zip(&sockets) {
            client.send_to(&number.to_le_bytes(), socket.local_addr().unwrap()).unwrap();
        }
        let mut taken = Vec::new();
        until("all datagrams", || {
            queue.dequeue(&mut completions);
            taken.extend(completions.drain());
            (taken.len() >= SOCKETS).then_some(())
        });
        taken.sort_by_key(|completion| completion.socket_context());
        assert_eq!(taken.len(), SOCKETS);
        for (number, completion) in (0..SOCKETS as u32).zip(&taken) {
            assert_eq!((completion.socket_context(), completion.token()), (u64::from(number), round));
            assert_eq!(bytes(completion), number.to_le_bytes());
        }
    }
    vec![pool]
}

fn all_sockets_are_cancelled_at_once(choice: BackendChoice) -> Vec<BufferPool> {
    let mut queue = builder(choice, SOCKETS).event().unwrap();
    let pool = pool(64, SOCKETS);
    let mut all = Vec::new();
    for context in 0..SOCKETS as u64 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        all.push(RequestQueue::new(&socket, &queue, &queue, limits(1, 0), context).unwrap());
    }
    let mut completions = Completions::with_capacity(SOCKETS);
    for requests in &all {
        requests.receive(pool.take().unwrap(), 0).unwrap();
    }
    assert_eq!(queue.dequeue(&mut completions), 0);
    // Half of them cancelled, the others closed.
    let closed = all.split_off(SOCKETS / 2);
    all.iter().for_each(RequestQueue::cancel);
    drop(closed);
    let mut aborted = Vec::new();
    until("all of them", || {
        queue.dequeue(&mut completions);
        aborted.extend(completions.drain());
        (aborted.len() >= SOCKETS).then_some(())
    });
    assert_eq!(aborted.len(), SOCKETS);
    assert!(aborted.iter().all(|completion| completion.status() == Status::Aborted));
    assert_eq!((queue.reserved(), queue.leaked()), (SOCKETS / 2, 0));
    vec![pool]
}
