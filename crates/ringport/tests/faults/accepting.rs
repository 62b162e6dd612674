//! Descriptors run out while connections are accepted: each accept that fails says so once, the connections wait, and
//! are taken when there are descriptors again.

use std::time::Duration;

use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Operation, RequestQueue, Status,
    StreamListener, StreamSocket, WaitOutcome,
};

use crate::alone::alone_on_each_backend;
use crate::common::child::allow;
use crate::common::rig::{builder, limits};
use crate::common::until;
use crate::plain_peer::connect;

alone_on_each_backend!(connections_wait_for_descriptors);

const ACCEPTS: u32 = 4;
const CLIENTS: usize = 10;

/// Posts as many accepts as there may be, and takes their completions, of which there is one for each.
fn accept(requests: &RequestQueue<StreamListener>, queue: &mut CompletionQueue<Event>) -> Vec<Completion> {
    (0..u64::from(ACCEPTS)).for_each(|token| requests.accept(token).unwrap());
    let mut completions = Completions::with_capacity(64);
    until("the accepts", || {
        queue.dequeue(&mut completions);
        (completions.len() >= ACCEPTS as usize).then_some(())
    });
    let done: Vec<_> = completions.drain().collect();
    assert!(done.iter().map(Completion::token).eq(0..u64::from(ACCEPTS)), "{done:?}");
    assert!(done.iter().all(|done| done.operation() == Operation::Accept));
    done
}

fn connections_wait_for_descriptors(choice: BackendChoice) -> Vec<BufferPool> {
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let mut queue = builder(choice, ACCEPTS as usize).event().unwrap();
    let requests = RequestQueue::new(&listener, &queue, &queue, limits(ACCEPTS, 0), 0).unwrap();
    let clients: Vec<_> = (0..CLIENTS).map(|_| connect(listener.local_addr().unwrap())).collect();
    let failed = |done: &Completion| done.status() == Status::Failed(libc::EMFILE);
    let taken = allow(1);
    let mut accepted: Vec<StreamSocket> = Vec::new();
    for round in 0..5 {
        let mut done = accept(&requests, &mut queue);
        if round == 0 {
            // There was one descriptor more.
            accepted.extend(done.remove(0).into_stream());
        }
        assert!(done.iter().all(failed), "{done:?}");
    }
    assert_eq!(requests.counters().failed, u64::from(5 * ACCEPTS - 1));
    // Connections that wait keep nobody from sleeping while no accept is posted.
    let calls = queue.system_calls();
    queue.notify().unwrap();
    assert_eq!(queue.wait(Some(Duration::from_millis(50))).unwrap(), WaitOutcome::TimedOut);
    assert!(queue.system_calls() - calls <= 4, "it tries again and again");
    drop(taken);
    while accepted.len() < CLIENTS - ACCEPTS as usize + 1 {
        accepted.extend(accept(&requests, &mut queue).into_iter().map(|done| done.into_stream().unwrap()));
    }
    // None was lost, and they come in the order in which they were made.
    assert_eq!((accepted.len(), requests.counters().failed), (9, u64::from(5 * ACCEPTS - 1)));
    for (socket, client) in accepted.iter().zip(&clients) {
        assert_eq!(socket.peer_addr().unwrap(), client.local_addr().unwrap());
    }
    Vec::new()
}
