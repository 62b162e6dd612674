//! More receives than the kernel's largest ring of buffers holds wait in user space, and none is lost.

use ringport::{BackendChoice, Completions, RequestQueue, Status, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{builder, bytes, limits, plain, pool};
use crate::common::until;

on_each_backend!(forty_thousand_receives_on_one_socket, forty_thousand_receives_are_given_back);

/// The kernel's ring takes 32,768.
const MANY: u64 = 40_000;
/// Small enough for the buffer of any socket.
const BURST: u64 = 100;

fn forty_thousand_receives_on_one_socket(choice: BackendChoice) {
    let mut queue = builder(choice, MANY as usize).polled().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let pool = pool(16, MANY as usize);
    let requests = RequestQueue::new(&socket, &queue, &queue, limits(MANY as u32, 0), 0).unwrap();
    for token in 0..MANY {
        requests.receive(pool.take().unwrap(), token).unwrap();
    }
    assert_eq!(pool.figures().receiving, MANY as usize);
    let client = plain();
    client.connect(socket.local_addr().unwrap()).unwrap();
    let mut completions = Completions::with_capacity(64);
    let mut next = 0u64;
    for first in (0..MANY).step_by(BURST as usize) {
        (first..first + BURST).for_each(|number| _ = client.send(&number.to_le_bytes()).unwrap());
        until("a burst", || {
            queue.dequeue(&mut completions);
            for completion in completions.drain() {
                assert_eq!((completion.token(), bytes(&completion)), (next, &next.to_le_bytes()[..]));
                next += 1;
            }
            (next == first + BURST).then_some(())
        });
    }
    assert_eq!(requests.outstanding().receives, 0);
    assert_eq!(pool.free(), MANY as usize);
}

fn forty_thousand_receives_are_given_back(choice: BackendChoice) {
    let mut queue = builder(choice, MANY as usize).polled().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let pool = pool(16, MANY as usize);
    let requests = RequestQueue::new(&socket, &queue, &queue, limits(MANY as u32, 0), 0).unwrap();
    for token in 0..MANY {
        requests.receive_from(pool.take().unwrap(), token).unwrap();
    }
    let mut completions = Completions::with_capacity(MANY as usize);
    assert_eq!(queue.dequeue(&mut completions), 0);
    drop(requests);
    assert_eq!(queue.dequeue(&mut completions), MANY as usize);
    for (token, completion) in (0..).zip(completions.drain()) {
        assert_eq!((completion.token(), completion.status()), (token, Status::Aborted));
    }
    assert_eq!((pool.free(), queue.reserved()), (MANY as usize, 0));
}
