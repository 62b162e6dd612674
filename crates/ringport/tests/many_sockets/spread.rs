//! Several queues on one port, with sockets spread over them: each packet is of the queue that its sockets are on.

use ringport::{BackendChoice, BufferPool, CompletionPort, Completions, Packet, PortRequestQueue};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, limits, plain, pool};
use crate::common::system::descriptors_for;
use crate::common::{PATIENCE, until};
use crate::rig::socket;

alone_on_each_backend!(a_thousand_sockets_over_four_queues, a_queue_for_each_of_64_sockets);

fn a_thousand_sockets_over_four_queues(choice: BackendChoice) -> Vec<BufferPool> {
    spread(choice, 1000, 4)
}

fn a_queue_for_each_of_64_sockets(choice: BackendChoice) -> Vec<BufferPool> {
    spread(choice, 64, 64)
}

fn spread(choice: BackendChoice, sockets: usize, queues: usize) -> Vec<BufferPool> {
    const ROUNDS: usize = 3;
    if !descriptors_for(sockets + 10 * queues + 200) {
        return Vec::new();
    }
    let port = CompletionPort::new(2).unwrap();
    let each = limits(2, 0);
    let places = 2 * sockets.div_ceil(queues);
    let opened: Vec<_> =
        (0..queues as u64).map(|key| builder(choice, places).on(&port, key).unwrap()).collect();
    let pool = pool(64, 4 * sockets);
    let all: Vec<_> = (0..sockets)
        .map(|index| {
            let queue = opened.iter().min_by_key(|queue| queue.request_queues()).unwrap();
            PortRequestQueue::new(&socket(), queue, queue, each, index as u64).unwrap()
        })
        .collect();
    assert!(opened.iter().all(|queue| queue.request_queues().abs_diff(sockets / queues) <= 1));
    let client = plain();
    for requests in &all {
        (0..2).for_each(|_| requests.receive(pool.take().unwrap(), 0).unwrap());
    }
    for _ in 0..ROUNDS {
        for requests in &all {
            client.send_to(b"x", requests.socket().local_addr().unwrap()).unwrap();
        }
        let (mut received, mut room) = (vec![0; sockets], Completions::with_capacity(64));
        until("a datagram of each", || {
            let Ok(Packet::Ready(mut ready)) = port.wait(Some(PATIENCE)) else { panic!("no packet") };
            while ready.dequeue(&mut room) > 0 {
                for completion in room.drain() {
                    let index = completion.socket_context() as usize;
                    // The least loaded queue is the next one, as long as all sockets stay.
                    assert_eq!(ready.key() as usize, index % queues);
                    received[index] += 1;
                    all[index].receive(completion.into_unique().unwrap(), 0).unwrap();
                }
            }
            ready.notify();
            (received.iter().sum::<usize>() == sockets).then_some(())
        });
        assert!(received.iter().all(|count| *count == 1), "{received:?}");
    }
    drop(all);
    drop(opened);
    drop(port);
    vec![pool]
}
