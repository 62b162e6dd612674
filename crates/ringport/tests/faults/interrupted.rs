//! System calls that are interrupted all the time (`EINTR`): nothing is lost, and nothing ends early.
//!
//! On Linux only: it takes signals.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use ringport::port::PortWaitError;
use ringport::{
    BackendChoice, BufferPool, CompletionPort, Limits, Operation, PortRequestQueue, Receive, RequestQueue,
    WaitOutcome,
};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{Rig, builder, bytes, limits, plain, pool};
use crate::echo_server::Kind;
use crate::plain_peer::{connect, exchange};
use crate::storm::{Storm, this_thread};
use crate::ways::{next, ways};

alone_on_each_backend!(
    a_queue_that_is_waited_on_loses_nothing,
    streams_lose_nothing,
    servers_of_every_design_lose_nothing,
    no_wait_ends_before_its_time,
    queues_and_ports_are_made_and_closed,
);

/// Signals that must have been handled while a test was at work.
const SIGNALS: u64 = 5000;
/// Datagrams that a client has on their way.
const BURST: u64 = 16;

/// Asks in bursts, each of which must be answered in full, until the storm has raged enough; returns how often it
/// asked.
fn ask(client: &UdpSocket, address: SocketAddr, signals: u64) -> u64 {
    let enough = Storm::handled() + signals;
    let mut asked = 0;
    while asked < 20 * BURST || Storm::handled() < enough {
        for number in asked..asked + BURST {
            client.send_to(&number.to_le_bytes(), address).unwrap();
        }
        let mut answers: Vec<_> = (0..BURST).map(|_| next(client).0).collect();
        // Two threads on one socket may finish out of order.
        answers.sort_by_key(|answer| u64::from_le_bytes(answer[..].try_into().unwrap()));
        let expected: Vec<_> = (asked..asked + BURST).map(u64::to_le_bytes).collect();
        assert_eq!(answers, expected);
        asked += BURST;
    }
    asked
}

fn a_queue_that_is_waited_on_loses_nothing(choice: BackendChoice) -> Vec<BufferPool> {
    let mut rig = Rig::new(choice, limits(2 * BURST as u32, BURST as u32));
    let address = rig.address;
    for token in 0..2 * BURST {
        rig.requests.receive_from(rig.marked(0), token).unwrap();
    }
    let (tell, told) = std::sync::mpsc::channel();
    let client = std::thread::spawn(move || {
        tell.send(this_thread()).unwrap();
        let client = plain();
        let asked = ask(&client, address, SIGNALS);
        client.send_to(b"over", address).unwrap();
        asked
    });
    let storm = Storm::begin(Some(told.recv().unwrap()));
    let (mut received, mut sent, mut over) = (0, 0, false);
    while !over || sent < received {
        // It would wait for half a minute for a wake-up that is lost, and fail.
        rig.wait();
        rig.queue.dequeue(&mut rig.completions);
        for completion in rig.completions.drain() {
            if completion.operation() == Operation::Send {
                assert_eq!(completion.result().unwrap(), 8);
                sent += 1;
            } else if bytes(&completion) == b"over" {
                over = true;
            } else {
                received += 1;
                let (peer, token) = (completion.peer().unwrap(), completion.token());
                rig.requests.send_to(completion.into_unique().unwrap(), peer, token).unwrap();
                rig.requests.receive_when_free(&rig.pool, Receive::new().addresses(), token).unwrap();
            }
        }
    }
    drop(storm);
    assert_eq!((received, sent), (client.join().unwrap(), received));
    vec![rig.pool.clone()]
}

fn streams_lose_nothing(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for kind in Kind::all() {
        let storm = Storm::begin(Some(this_thread()));
        let server = kind.start(choice, Ipv4Addr::LOCALHOST);
        let enough = Storm::handled() + SIGNALS / 10;
        while Storm::handled() < enough {
            let mut client = connect(server.address());
            // Of many slices each, so that the server is in the middle of one when it is interrupted.
            (0..10).for_each(|byte| exchange(&mut client, &[byte; 10_000]));
        }
        server.until_open(0);
        assert_eq!(server.failed(), 0, "{kind:?}");
        pools.extend(server.end());
        drop(storm);
    }
    pools
}

fn servers_of_every_design_lose_nothing(choice: BackendChoice) -> Vec<BufferPool> {
    // The designs without queues are the same on both, and tried once.
    let also = |backend| backend == BackendChoice::Automatic && choice == BackendChoice::Epoll;
    for way in ways().into_iter().filter(|way| way.backend == choice || also(way.backend)) {
        let client = plain();
        let storm = Storm::begin(Some(this_thread()));
        let server = way.start(|datagram| datagram.reply());
        let asked = ask(&client, server.local_addr(), SIGNALS / 10);
        let total = server.stop().unwrap().counters.total;
        drop(storm);
        assert_eq!((total.datagrams, total.replies_sent), (asked, asked), "{way}");
        assert_eq!((total.failed, total.replies_dropped), (0, 0), "{way}");
    }
    Vec::new()
}

fn no_wait_ends_before_its_time(choice: BackendChoice) -> Vec<BufferPool> {
    const TIME: Duration = Duration::from_millis(50);
    let mut rig = Rig::new(choice, limits(1, 0));
    rig.post(0..1);
    let port = CompletionPort::builder().backend(choice).build().unwrap();
    let _storm = Storm::begin(None);
    let enough = Storm::handled() + SIGNALS / 10;
    while Storm::handled() < enough {
        let start = Instant::now();
        rig.queue.notify().unwrap();
        assert_eq!(rig.queue.wait(Some(TIME)).unwrap(), WaitOutcome::TimedOut);
        assert!(start.elapsed() >= TIME);
        // And one that is not in vain.
        rig.arrive(b"there");
        crate::common::rig::fired(&mut rig.queue);
        assert_eq!(bytes(&rig.take_one()), b"there");
        rig.post(0..1);
        let start = Instant::now();
        assert!(matches!(port.wait(Some(TIME)), Err(PortWaitError::TimedOut)));
        assert!(start.elapsed() >= TIME);
    }
    vec![rig.pool.clone()]
}

fn queues_and_ports_are_made_and_closed(choice: BackendChoice) -> Vec<BufferPool> {
    let pool = pool(64, 64);
    let both = Limits { receives: 4, receive_buffers: 1, sends: 4, send_buffers: 1 };
    let _storm = Storm::begin(None);
    let enough = Storm::handled() + SIGNALS;
    while Storm::handled() < enough {
        let socket = ringport::UdpSocket::bind("127.0.0.1:0").unwrap();
        let queue = builder(choice, 8).event().unwrap();
        let requests = RequestQueue::new(&socket, &queue, &queue, both, 0).unwrap();
        let port = CompletionPort::builder().backend(choice).build().unwrap();
        let other = ringport::UdpSocket::bind("127.0.0.1:0").unwrap();
        let on_port = builder(choice, 8).on(&port, 0).unwrap();
        let moved = PortRequestQueue::new(&other, &on_port, &on_port, both, 0).unwrap();
        for token in 0..4 {
            requests.receive(pool.take().unwrap(), token).unwrap();
            moved.receive(pool.take().unwrap(), token).unwrap();
        }
        requests.cancel();
        moved.cancel();
        assert_eq!(queue.leaked(), 0);
    }
    vec![pool]
}
