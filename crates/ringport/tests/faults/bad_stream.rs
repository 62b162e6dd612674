//! A stream over a network that loses, delays, doubles and reorders its packets arrives whole and in order.
//!
//! On Linux only: it takes namespaces of networks.

use std::net::SocketAddr;

use ringport::net::Domain;
use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, Completion, CompletionQueue, Completions, Limits, Operation, RequestQueue,
    StreamSocket, WaitOutcome,
};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{builder, pool};
use crate::common::{PATIENCE, Random};
use crate::echo_server::Kind;
use crate::network::{FAR, Network, Weather};
use crate::plain_peer::bytes_of;

alone_on_each_backend!(in two networks: streams_arrive_whole_and_in_order);

const STREAMS: u64 = 3;
const LENGTH: usize = 200_000;
const PENDING: u32 = 8;
const SLICE: usize = 60_000;
const LIMITS: Limits = Limits { receives: PENDING, receive_buffers: 1, sends: PENDING + 2, send_buffers: 4 };
/// Places, and slices, for all of them.
const PLACES: usize = STREAMS as usize * (2 * PENDING as usize + 2);
/// Streams recover from losses in fifths of seconds, so there are fewer of them than datagrams bear.
const ROUGH: Weather = Weather { lost: 15, doubled: 50, delay: 0..2000 };

/// A stream that goes there and comes back.
struct Stream {
    requests: RequestQueue<StreamSocket>,
    bytes: Vec<u8>,
    /// How many bytes were posted to be sent, and have come back.
    posted: usize,
    back: usize,
    /// Sends under way, and the token of the receive that is next to complete.
    sends: u32,
    next: u64,
    ended: bool,
}

impl Stream {
    fn new(queue: &CompletionQueue<Event>, pool: &BufferPool, number: u64, server: SocketAddr) -> Stream {
        let socket = StreamSocket::new(Domain::V4).unwrap();
        // A send leaves in many parts.
        socket.set_send_buffer(SLICE / 10).unwrap();
        let requests = RequestQueue::new(&socket, queue, queue, LIMITS, number).unwrap();
        requests.connect(server, 0).unwrap();
        let bytes = bytes_of(number, LENGTH);
        let stream = Stream { requests, bytes, posted: 0, back: 0, sends: 0, next: 0, ended: false };
        for token in 0..u64::from(PENDING) {
            stream.requests.receive(pool.take().unwrap(), token).unwrap();
        }
        stream
    }

    /// Posts as many sends as there may be, of slices cut at random, and the end behind them.
    fn send(&mut self, pool: &BufferPool, random: &mut Random) {
        while self.posted < LENGTH && self.sends < PENDING {
            let length = (1 + random.below(pool.slice_size())).min(LENGTH - self.posted);
            let slice = pool.take_with(&self.bytes[self.posted..][..length]).unwrap();
            self.requests.send(slice, 0).unwrap();
            self.posted += length;
            self.sends += 1;
            if self.posted == LENGTH {
                self.requests.finish(0).unwrap();
            }
        }
    }

    /// Looks at what came back, and posts its receive anew.
    fn completed(&mut self, completion: Completion) {
        let length = completion.result().unwrap();
        match completion.operation() {
            Operation::Receive => {
                assert_eq!(completion.token(), self.next, "receives complete in the order of posting");
                self.next += 1;
                self.ended |= completion.is_end();
                let buffer = completion.into_unique().unwrap();
                assert!(buffer[..length] == self.bytes[self.back..][..length], "after {} bytes", self.back);
                self.back += length;
                if !self.ended {
                    self.requests.receive(buffer, self.next + u64::from(PENDING) - 1).unwrap();
                }
            }
            Operation::Send => self.sends -= 1,
            _ => {}
        }
    }
}

fn streams_arrive_whole_and_in_order(choice: BackendChoice) -> Vec<BufferPool> {
    let mut pools = Vec::new();
    for (seed, kind) in (7..).zip(Kind::all()) {
        pools.extend(one_server(choice, kind, seed));
    }
    pools
}

fn one_server(choice: BackendChoice, kind: Kind, seed: u64) -> Vec<BufferPool> {
    let network = Network::new(seed, ROUGH).unwrap();
    let server = network.over_there(|| kind.start(choice, FAR));
    let mut queue = builder(choice, PLACES).event().unwrap();
    let pool = pool(SLICE, PLACES);
    let make = |number| Stream::new(&queue, &pool, number, server.address());
    let mut streams: Vec<_> = (0..STREAMS).map(make).collect();
    let mut random = Random::new(seed);
    let mut completions = Completions::with_capacity(32);
    while !streams.iter().all(|stream| stream.ended) {
        streams.iter_mut().for_each(|stream| stream.send(&pool, &mut random));
        queue.notify().unwrap();
        assert_eq!(queue.wait(Some(PATIENCE)).unwrap(), WaitOutcome::Fired);
        queue.dequeue(&mut completions);
        for completion in completions.drain() {
            streams[completion.socket_context() as usize].completed(completion);
        }
    }
    assert!(streams.iter().all(|stream| stream.back == LENGTH));
    // The weather was as bad as it was meant to be, both ways.
    for way in network.traffic() {
        assert!(way.lost > 0 && way.doubled > 0 && way.overtaken > 0, "{kind:?}: {way:?}");
    }
    drop(streams);
    server.until_open(0);
    let mut pools = server.end();
    pools.push(pool);
    pools
}
