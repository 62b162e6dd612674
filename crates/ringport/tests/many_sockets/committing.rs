//! Committing from elsewhere: of many request queues those are committed that somebody asked for, and no others.

use std::net::UdpSocket;

use ringport::queue::Committer;
use ringport::{BackendChoice, BufferPool, RequestQueue, Send};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, limits, plain, pool};
use crate::common::{Random, until};
use crate::rig::socket;

alone_on_each_backend!(those_that_were_asked_for, a_closed_one_commits_nothing_of_its_successor);

const SOCKETS: usize = 200;

fn deferred(requests: &RequestQueue, pool: &BufferPool, text: &[u8], to: &UdpSocket) {
    let options = Send::new().to(to.local_addr().unwrap()).defer();
    requests.send_with(pool.take_with(text).unwrap(), options, 0).unwrap();
}

fn those_that_were_asked_for(choice: BackendChoice) -> Vec<BufferPool> {
    let mut queue = builder(choice, SOCKETS).polled().unwrap();
    let pool = pool(64, SOCKETS);
    let client = plain();
    let one = |context| RequestQueue::new(&socket(), &queue, &queue, limits(0, 1), context).unwrap();
    let all: Vec<_> = (0..SOCKETS as u64).map(one).collect();
    let committers: Vec<Committer> = all.iter().map(|requests| requests.committer().unwrap()).collect();
    let mut completions = ringport::Completions::with_capacity(SOCKETS);
    let mut random = Random::new(17);
    let mut waiting = vec![false; SOCKETS];
    for _ in 0..20 {
        for (requests, waits) in all.iter().zip(&mut waiting).filter(|(_, waits)| !**waits) {
            deferred(requests, &pool, b"later", &client);
            *waits = true;
        }
        let chosen: Vec<usize> = (0..SOCKETS).filter(|_| random.below(4) == 0).collect();
        std::thread::scope(|scope| {
            for part in chosen.chunks(chosen.len().div_ceil(3).max(1)) {
                let committers = &committers;
                // Twice counts once.
                scope.spawn(move || part.iter().chain(part).for_each(|index| committers[*index].commit()));
            }
        });
        let mut sent = Vec::new();
        until("what was committed", || {
            queue.dequeue(&mut completions);
            sent.extend(completions.drain().map(|completion| completion.socket_context() as usize));
            (sent.len() >= chosen.len()).then_some(())
        });
        sent.sort_unstable();
        assert_eq!(sent, chosen);
        for index in sent {
            waiting[index] = false;
            client.recv(&mut [0; 64]).unwrap();
        }
    }
    drop((all, queue));
    vec![pool]
}

fn a_closed_one_commits_nothing_of_its_successor(choice: BackendChoice) -> Vec<BufferPool> {
    let mut queue = builder(choice, 4).polled().unwrap();
    let pool = pool(64, 4);
    let client = plain();
    let first = RequestQueue::new(&socket(), &queue, &queue, limits(0, 1), 1).unwrap();
    let (of_first, mut one) = (first.committer().unwrap(), ringport::Completions::with_capacity(1));
    // One wish is on its way when it closes, and one comes afterwards.
    of_first.commit();
    drop(first);
    let second = RequestQueue::new(&socket(), &queue, &queue, limits(0, 1), 2).unwrap();
    deferred(&second, &pool, b"of the second", &client);
    assert_eq!(queue.dequeue(&mut one), 0);
    of_first.commit();
    assert_eq!(queue.dequeue(&mut one), 0);
    second.committer().unwrap().commit();
    assert_eq!(queue.dequeue(&mut one), 1);
    drop((one, second, queue));
    vec![pool]
}
