//! Peers that reset their connections, at any moment: each ends alone, and leaves nothing.

use std::io::Write;
use std::net::{Ipv4Addr, Shutdown, TcpStream};

use ringport::net::Domain;
use ringport::{
    BackendChoice, BufferPool, Completion, Completions, Operation, RequestQueue, Status, StreamListener,
    StreamSocket,
};
use socket2::SockRef;

use crate::alone::alone_on_each_backend;
use crate::common::nobody::nobody;
use crate::common::rig::{builder, limits, pool};
use crate::common::system::{ECONNREFUSED, ECONNRESET, EPIPE, lacked_by_wine};
use crate::common::until;
use crate::echo_server::{Kind, SOCKET_BUFFER};
use crate::plain_peer::{connect, exchange, until_still};

alone_on_each_backend!(
    peers_reset_at_any_moment,
    peers_that_reset_before_they_are_taken_fail_alone,
    nobody_listens,
    the_peer_resets_what_is_posted,
);

/// Whether a peer that does not read must wait with its reset until the socket at the other end takes nothing more.
fn resets_come_later() -> bool {
    lacked_by_wine("end of a send that a reset meets while it is resumed: such resets come when all is still")
}

fn reset(peer: TcpStream) {
    StreamSocket::from(peer).reset_on_close().unwrap();
}

fn peers_reset_at_any_moment(choice: BackendChoice) -> Vec<BufferPool> {
    // Of a peer that does not read only: to others each send goes at once.
    let later = resets_come_later();
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let mut steady = connect(server.address());
        let mut deaf = Vec::new();
        for round in 0..100 {
            let mut peer = connect(server.address());
            live(&mut peer, round % 5);
            if later && round % 5 == DEAF {
                deaf.push(peer);
            } else {
                reset(peer);
            }
            // The others do not notice.
            exchange(&mut steady, &[round; 50]);
        }
        if later {
            let mut more = 0;
            until_still(|| {
                more += deaf.iter_mut().filter_map(|peer| peer.write(&[7; 65_536]).ok()).sum::<usize>();
                more
            });
        }
        deaf.into_iter().for_each(reset);
        server.until_open(1);
        // The twenty that had said all at least were there to be reset; one that had not been accepted yet may be none.
        assert!((20..=100).contains(&server.failed()), "{kind:?}: {} failed", server.failed());
        pools.extend(server.end());
    }
    pools
}

/// The way of [`live`] in which a peer does not read.
const DEAF: u8 = 3;

/// What a peer does before it resets its connection.
fn live(peer: &mut TcpStream, way: u8) {
    match way {
        // Nothing: it may not even have been accepted.
        0 => {}
        // It says all, and hears all.
        1 => exchange(peer, b"said"),
        // It leaves while the answer is on its way.
        2 => peer.write_all(b"never mind").unwrap(),
        // It has not read, until the answers do not fit into its socket, and the server has stopped to read.
        DEAF => {
            // Its own socket shall not take long either.
            SockRef::from(&*peer).set_send_buffer_size(SOCKET_BUFFER).unwrap();
            peer.set_nonblocking(true).unwrap();
            while peer.write(&[7; 65_536]).is_ok() {}
        }
        // It ends in order, but for this.
        _ => {
            exchange(peer, b"the end");
            peer.shutdown(Shutdown::Write).unwrap();
        }
    }
}

fn peers_that_reset_before_they_are_taken_fail_alone(choice: BackendChoice) -> Vec<BufferPool> {
    const GONE: usize = 5;
    let (listener, pool) = (StreamListener::bind("127.0.0.1:0").unwrap(), pool(64, GONE + 1));
    let mut queue = builder(choice, 4 * GONE).polled().unwrap();
    let accepts = RequestQueue::new(&listener, &queue, &queue, limits(GONE as u32 + 1, 0), 0).unwrap();
    let address = listener.local_addr().unwrap();
    (0..GONE).for_each(|_| reset(connect(address)));
    connect(address).write_all(b"here").unwrap();
    (0..=GONE).for_each(|token| accepts.accept(token as u64).unwrap());
    // Whether a connection that is gone is still given out differs between systems; an accept never fails for it.
    let (mut connections, mut completions) = (Vec::new(), Completions::with_capacity(4 * GONE));
    let (mut open, mut heard) = (0, 0);
    until("an end of each", || {
        queue.dequeue(&mut completions);
        for done in completions.drain() {
            if done.operation() == Operation::Accept {
                let socket = done.into_stream().expect("a connection");
                let requests = RequestQueue::new(&socket, &queue, &queue, limits(1, 1), 0).unwrap();
                requests.receive(pool.take().unwrap(), 0).unwrap();
                connections.push(requests);
                open += 1;
                continue;
            }
            open -= 1;
            match done.status() {
                Status::Failed(error) => assert_eq!(error, ECONNRESET),
                _ => heard += done.bytes(),
            }
        }
        (open == 0 && heard > 0).then_some(())
    });
    assert_eq!((heard, accepts.counters().failed), (4, 0));
    vec![pool]
}

fn all_of(queue: &mut ringport::CompletionQueue<ringport::queue::Polled>, count: usize) -> Vec<Completion> {
    let mut completions = Completions::with_capacity(count + 1);
    until("the completions", || {
        queue.dequeue(&mut completions);
        (completions.len() >= count).then_some(())
    });
    assert_eq!(completions.len(), count);
    completions.drain().collect()
}

fn nobody_listens(choice: BackendChoice) -> Vec<BufferPool> {
    let (_nobody, dead) = nobody();
    let pool = pool(64, 8);
    let mut queue = builder(choice, 8).polled().unwrap();
    for _ in 0..50 {
        let socket = StreamSocket::new(Domain::V4).unwrap();
        let requests = RequestQueue::new(&socket, &queue, &queue, limits(2, 3), 0).unwrap();
        requests.connect(dead, 0).unwrap();
        // What was posted behind it fails with it, and is not kept.
        requests.send(pool.take_with(b"hello").unwrap(), 1).unwrap();
        let done = all_of(&mut queue, 2);
        assert_eq!(
            (done[0].operation(), done[0].status()),
            (Operation::Connect, Status::Failed(ECONNREFUSED))
        );
        assert_eq!(done[1].operation(), Operation::Send);
        assert!(matches!(done[1].status(), Status::Failed(_)), "{done:?}");
    }
    vec![pool]
}

fn the_peer_resets_what_is_posted(choice: BackendChoice) -> Vec<BufferPool> {
    const RECEIVES: usize = 4;
    const SENDS: usize = 100;
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let pool = pool(65_536, RECEIVES + SENDS);
    let mut queue = builder(choice, 2 * (RECEIVES + SENDS)).polled().unwrap();
    let accepts = RequestQueue::new(&listener, &queue, &queue, limits(1, 0), 0).unwrap();
    let (later, mut come) = (resets_come_later(), vec![0; SENDS * 65_536]);
    for _ in 0..10 {
        accepts.accept(0).unwrap();
        let peer = connect(listener.local_addr().unwrap());
        let socket = all_of(&mut queue, 1).remove(0).into_stream().unwrap();
        socket.set_send_buffer(65_536).unwrap();
        let both = limits(RECEIVES as u32, SENDS as u32);
        let requests = RequestQueue::new(&socket, &queue, &queue, both, 1).unwrap();
        for token in 0..RECEIVES as u64 {
            requests.receive(pool.take().unwrap(), token).unwrap();
        }
        // More than the peer, which reads nothing, and the socket can hold.
        for token in 0..SENDS as u64 {
            requests.send(pool.take_with(&[1; 65_536]).unwrap(), token).unwrap();
        }
        if later {
            peer.set_nonblocking(true).unwrap();
            until_still(|| peer.peek(&mut come).unwrap_or(0));
        }
        reset(peer);
        let done = all_of(&mut queue, RECEIVES + SENDS);
        for operation in [Operation::Receive, Operation::Send] {
            let own: Vec<_> = done.iter().filter(|done| done.operation() == operation).collect();
            // Each once, in the order of posting, and from the first that failed on all of them failed.
            assert!(own.iter().enumerate().all(|(index, done)| done.token() == index as u64), "{own:?}");
            let sent = own.iter().take_while(|done| done.status() == Status::Success).count();
            assert!(sent < own.len(), "{operation:?} does not know of the reset");
            let failed = |done: &&&Completion| matches!(done.status(), Status::Failed(ECONNRESET | EPIPE));
            assert_eq!(own.iter().filter(failed).count(), own.len() - sent, "{own:?}");
        }
    }
    vec![pool]
}
