//! The same random traffic to the same server with offload on and off: what handlers see and take along, and what
//! everybody is answered, is the same, byte for byte and in order.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use ringport::server::Running;

use crate::common::PATIENCE;
use crate::rig::{Seen, in_order};
use crate::script::{Outcome, Taken, act, outcome};
use crate::source::{Source, can_run, pattern};
use crate::ways::{Way, ways};

const PEERS: usize = 3;
/// The most datagrams that are sent before all answers are taken: what the smallest socket has room for.
const MOST: usize = 96;
const BYTES: usize = 30_000;

/// One message of a peer, in datagrams of `size` bytes.
#[derive(Clone, Debug)]
struct Message {
    peer: usize,
    size: usize,
    count: usize,
    last: usize,
    /// The action of each datagram, in turn.
    actions: Vec<u8>,
}

impl Message {
    fn bytes(&self, salt: usize) -> Vec<u8> {
        let mut bytes = pattern(self.size * (self.count - 1) + self.last.min(self.size), salt);
        for (datagram, action) in bytes.chunks_mut(self.size).zip(self.actions.iter().cycle()) {
            datagram[0] = *action;
        }
        bytes
    }
}

fn message() -> impl Strategy<Value = Message> {
    let size = prop_oneof![1usize..=8, 20usize..=200, 201usize..=3000, Just(100)];
    let count = prop_oneof![1 => Just(1usize), 3 => 2usize..=64];
    let actions = prop_oneof![
        // Many that join, with something else between.
        prop::collection::vec(prop_oneof![6 => Just(1u8), 1 => any::<u8>()], 1..32),
        prop::collection::vec(prop_oneof![4 => Just(4u8), 4 => Just(14u8), 1 => any::<u8>()], 1..32),
        prop::collection::vec(any::<u8>(), 1..32),
    ];
    (0..PEERS, size, count, 0usize..=3000, actions).prop_map(|(peer, size, count, last, actions)| {
        let count = count.min(BYTES / size);
        Message { peer, size, count, last: if count > 1 { last.max(1) } else { last }, actions }
    })
}

/// All that came of some messages, in the order in which it came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Result {
    seen: [Vec<Seen>; PEERS],
    replies: [Vec<Vec<u8>>; PEERS],
    taken: [Vec<Vec<u8>>; PEERS],
    copies: Vec<Vec<u8>>,
}

/// A server that does what datagrams say, and what it tells.
struct Server {
    running: Running,
    seen: Receiver<Seen>,
    taken: Receiver<(SocketAddr, Taken)>,
    failed: Receiver<String>,
}

impl Server {
    fn start(way: Way, offload: bool, longest: usize, third: SocketAddr) -> Server {
        let ((tell, seen), (give, taken), (fail, failed)) = (channel(), channel(), channel());
        // Room for all that a test has under way, also where there is one pool for everything.
        let server = in_order(way, way.server()).receive_offload(offload).slice_size(longest).pending(MOST);
        let handler = move |datagram: ringport::Datagram<'_>| {
            let _ = tell.send(Seen::of(&datagram));
            let peer = datagram.peer();
            let take = |taken| drop(give.send((peer, taken)));
            if let Err(error) = act(datagram, longest, third, &take) {
                let _ = fail.send(error.to_string());
            }
        };
        Server { running: server.start(handler).unwrap(), seen, taken, failed }
    }
}

/// What comes of the messages: compared with what should, here, and returned to be compared with another server's.
fn play(
    way: Way,
    offload: bool,
    longest: usize,
    messages: &[Message],
) -> std::result::Result<Result, TestCaseError> {
    let (sources, third) = ([(); PEERS].map(|()| Source::new()), Source::new());
    let server = Server::start(way, offload, longest, third.address());
    let to = server.running.local_addr();
    let mut result = Result::default();
    let (mut salt, mut copied) = (0, 0);
    let mut messages = messages.iter().peekable();
    while messages.peek().is_some() {
        // Some at a time.
        let mut expected: Vec<(usize, Outcome)> = Vec::new();
        while let Some(message) =
            messages.next_if(|next| expected.is_empty() || expected.len() + next.count <= MOST)
        {
            let bytes = message.bytes(salt);
            salt += 1;
            sources[message.peer].run(&bytes, message.size, to);
            let cut = |part: &[u8]| (message.peer, outcome(&part[..part.len().min(longest)], longest));
            expected.extend(bytes.chunks(message.size).map(cut));
            expected.extend(bytes.is_empty().then(|| cut(&[])));
        }
        for (peer, outcome) in &expected {
            for reply in &outcome.replies {
                let came = sources[*peer].receive();
                prop_assert!(came == *reply, "{} bytes for {} of {outcome:?}", came.len(), reply.len());
                result.replies[*peer].push(came);
            }
            // Of two the first is a copy.
            copied += outcome.replies.len().saturating_sub(1) + usize::from(outcome.copy.is_some());
            result.copies.extend(outcome.copy.as_ref().map(|_| third.receive()));
        }
        for _ in &expected {
            let mut seen = server.seen.recv_timeout(PATIENCE).expect("a datagram that was sent");
            let peer = peer_of(&sources, seen.peer);
            prop_assert_eq!(seen.local, to);
            // These are not the same for two servers.
            seen.peer.set_port(0);
            seen.local.set_port(0);
            result.seen[peer].push(seen);
        }
        for _ in expected.iter().filter(|(_, outcome)| outcome.taken.is_some()) {
            let (peer, taken) = server.taken.recv_timeout(PATIENCE).expect("what was taken along");
            result.taken[peer_of(&sources, peer)].push(taken.bytes().to_vec());
        }
        let mut copies: Vec<_> = expected.iter().filter_map(|(_, outcome)| outcome.copy.clone()).collect();
        let start = result.copies.len() - copies.len();
        if way.design.is_sharded() {
            // Copies of several threads have no order.
            copies.sort();
            result.copies[start..].sort();
        }
        prop_assert!(result.copies[start..] == copies, "copies");
    }
    prop_assert_eq!(server.failed.try_recv().ok(), None);
    let total = server.running.stop().unwrap().counters.total;
    prop_assert!(sources.iter().all(Source::is_empty) && third.is_empty(), "more than was asked for");
    let answered: usize = result.replies.iter().map(Vec::len).sum();
    let replied = (answered + result.copies.len() - copied) as u64;
    let counted = (total.replies_promised, total.replies_sent, total.replies_dropped);
    prop_assert_eq!(counted, (replied, replied, 0));
    prop_assert_eq!((total.copies, total.copies_dropped), (copied as u64, 0));
    Ok(result)
}

fn peer_of(sources: &[Source], peer: SocketAddr) -> usize {
    sources.iter().position(|source| source.address() == peer).expect("a peer")
}

#[test]
fn answers_are_the_same_with_and_without_offload() {
    if !can_run() {
        return;
    }
    for way in ways() {
        for longest in [100, 2048] {
            let mut runner = TestRunner::new(ProptestConfig {
                cases: 3,
                max_shrink_iters: 60,
                failure_persistence: None,
                ..ProptestConfig::default()
            });
            let played = runner.run(&prop::collection::vec(message(), 1..40), |messages| {
                let with = play(way, true, longest, &messages)?;
                let without = play(way, false, longest, &messages)?;
                prop_assert!(with == without, "not what it is without offload");
                Ok(())
            });
            match played {
                Ok(()) => {}
                Err(TestError::Fail(why, messages)) => panic!("{way}, {longest}: {why}\n{messages:#?}"),
                Err(other) => panic!("{way}, {longest}: {other}"),
            }
        }
    }
}
