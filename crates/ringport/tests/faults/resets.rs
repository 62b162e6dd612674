//! Peers that reset their connections, at any moment: each ends alone, and leaves nothing.

use std::io::Write;
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::atomic::Ordering::Relaxed;

use ringport::net::Domain;
use ringport::{
    BackendChoice, BufferPool, Completion, Completions, Operation, RequestQueue, Status, StreamListener,
    StreamSocket,
};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, limits, pool};
use crate::common::until;
use crate::echo::Echo;
use crate::plain_peer::{connect, exchange};

alone_on_each_backend!(peers_reset_at_any_moment, nobody_listens, the_peer_resets_what_is_posted);

fn reset(peer: TcpStream) {
    StreamSocket::from(peer).reset_on_close().unwrap();
}

fn peers_reset_at_any_moment(choice: BackendChoice) -> Vec<BufferPool> {
    let server = Echo::start(choice, Ipv4Addr::LOCALHOST);
    let mut steady = connect(server.address);
    for round in 0..300 {
        let mut peer = connect(server.address);
        match round % 5 {
            // At once, perhaps before it was accepted.
            0 => {}
            // When all is said.
            1 => exchange(&mut peer, b"said"),
            // While the answer is on its way.
            2 => peer.write_all(b"never mind").unwrap(),
            // While the answers do not fit into the peer any more, and the server has stopped to read.
            3 => {
                peer.set_nonblocking(true).unwrap();
                while peer.write(&[7; 65_536]).is_ok() {}
                peer.set_nonblocking(false).unwrap();
            }
            // After the end of what it had to send.
            _ => {
                exchange(&mut peer, b"the end");
                peer.shutdown(Shutdown::Write).unwrap();
            }
        }
        reset(peer);
        // The others do not notice.
        exchange(&mut steady, &[round as u8; 50]);
    }
    until("the connections to be closed", || (server.figures.open.load(Relaxed) == 1).then_some(()));
    // Those of the second kind at least were there to be reset; what was reset before it was accepted may be none.
    assert!((60..=300).contains(&server.figures.failed.load(Relaxed)), "{:?}", server.figures);
    until("the slices", || (server.pool.figures().used == 0).then_some(()));
    vec![server.stop()]
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
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
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
            (Operation::Connect, Status::Failed(libc::ECONNREFUSED))
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
        reset(peer);
        let done = all_of(&mut queue, RECEIVES + SENDS);
        for operation in [Operation::Receive, Operation::Send] {
            let own: Vec<_> = done.iter().filter(|done| done.operation() == operation).collect();
            // Each once, in the order of posting, and from the first that failed on all of them failed.
            assert!(own.iter().enumerate().all(|(index, done)| done.token() == index as u64), "{own:?}");
            let sent = own.iter().take_while(|done| done.status() == Status::Success).count();
            assert!(sent < own.len(), "{operation:?} does not know of the reset");
            let failed =
                |done: &&&Completion| matches!(done.status(), Status::Failed(libc::ECONNRESET | libc::EPIPE));
            assert_eq!(own.iter().filter(failed).count(), own.len() - sent, "{own:?}");
        }
    }
    vec![pool]
}
