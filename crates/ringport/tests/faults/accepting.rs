//! Descriptors run out while connections are accepted: each accept that fails says so once, the connections wait, and
//! are taken when there are descriptors again.
//!
//! On Linux only: it takes a limit on the descriptors of a process.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Operation, RequestQueue, Status,
    StreamListener, StreamSocket, WaitOutcome,
};
use socket2::{Domain, Socket, Type};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, limits};
use crate::common::system::allow;
use crate::common::{PATIENCE, until};
use crate::echo_server::{EchoServer, Kind, designs};
use crate::plain_peer::{connect, exchange};

alone_on_each_backend!(connections_wait_for_descriptors, servers_accept_again_and_do_not_spin);

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

/// At most how often a server tries in vain: all its accepts each time, and ten times a second.
fn most_tries(since: Instant) -> u64 {
    let threads = std::thread::available_parallelism().unwrap().get() as u64;
    let rounds = since.elapsed().as_millis() as u64 / 100 + 2;
    64 * threads * rounds
}

const QUESTION: &[u8] = b"who is served?";

/// Has all of them ask, and tells which is answered first.
fn first_answered(clients: &mut [TcpStream]) -> usize {
    clients.iter_mut().for_each(|client| client.write_all(QUESTION).unwrap());
    until("an answer", || {
        clients.iter().position(|client| {
            client.set_nonblocking(true).unwrap();
            let answered = client.peek(&mut [0; 1]).is_ok();
            client.set_nonblocking(false).unwrap();
            answered
        })
    })
}

fn servers_accept_again_and_do_not_spin(choice: BackendChoice) -> Vec<BufferPool> {
    // The limit is lowered before, since accepts in the kernel go by the one that there was when they began.
    drop(allow(0));
    // The loop of this suite takes no care of this.
    for kind in designs().map(Kind::Server) {
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let EchoServer::Server(running) = &server else { unreachable!() };
        let counters = || running.handle().counters();
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| Socket::new(Domain::IPV4, Type::STREAM, None).unwrap()).collect();
        let taken = allow(3);
        let since = Instant::now();
        clients.iter().for_each(|client| client.connect(&server.address().into()).unwrap());
        let mut clients: Vec<_> = clients.into_iter().map(TcpStream::from).collect();
        clients.iter().for_each(|client| client.set_read_timeout(Some(PATIENCE)).unwrap());
        until("a refusal", || {
            let now = counters();
            (now.accept_failed > 0 && now.accepted >= 3).then_some(())
        });
        // For a while nothing happens but that it tries now and then.
        while since.elapsed() < Duration::from_millis(350) {
            std::thread::yield_now();
        }
        let now = counters();
        assert!(now.accept_failed <= most_tries(since), "{kind:?}: {now:?}");
        assert!(now.batches <= now.accepted + now.accept_failed, "{kind:?}: {now:?}");
        // Three, or what is free as well when nobody looks at the figures of the process.
        assert!((3..6).contains(&now.open) && now.accepted == now.open, "{kind:?}: {now:?}");
        // One goes, with a descriptor at either end, and the next come.
        let first = first_answered(&mut clients);
        clients.remove(first).read_exact(&mut [0; QUESTION.len()]).unwrap();
        until("the next connections", || (counters().accepted >= now.accepted + 2).then_some(()));
        drop(taken);
        // There are descriptors again, and nobody tells the server.
        server.until_open(CLIENTS - 1);
        for client in &mut clients {
            client.read_exact(&mut [0; QUESTION.len()]).unwrap();
            exchange(client, b"at last");
        }
        drop(clients);
        server.until_open(0);
        assert_eq!(server.failed(), 0);
        server.end();
    }
    Vec::new()
}
