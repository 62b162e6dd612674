//! What the kernel tells beside a datagram, all of it at once: right in every family, in every memory, and for runs of
//! datagrams.

use std::time::SystemTime;

use ringport::net::{ControlBuffer, ControlMessage, Ecn, gro_supported, gso_supported};
use ringport::queue::Event;
use ringport::{
    BackendChoice, BufferPool, ChainMut, Completion, CompletionQueue, Completions, Lock, Operation, Receive,
    RequestQueue, Send,
};

use crate::common::families::{Way, ways};
use crate::common::owned::Pages;
use crate::common::rig::{builder, limits};
use crate::common::system::lacked_by_wine;
use crate::common::{on_each_backend, until};

on_each_backend!(
    all_of_it_fits_by_default_and_is_right,
    a_run_has_one_of_each,
    a_connected_socket_tells_the_same,
    nothing_is_told_that_was_not_asked_for,
);

/// Whether sockets tell when a datagram was received.
const TIMED: bool = cfg!(target_os = "linux");
/// Why these tests are nothing where nothing is told of a datagram.
const MARKED: &str = "control data of sends";

const MARKS: [Ecn; 4] = [Ecn::Capable0, Ecn::Capable1, Ecn::CongestionExperienced, Ecn::NotCapable];

/// Two sockets of ours with their queues.
struct Pair {
    server: RequestQueue,
    client: RequestQueue,
    queue: CompletionQueue<Event>,
}

impl Pair {
    /// A server that asks for everything but runs of datagrams, a client that asks for congestion.
    fn new(choice: BackendChoice, way: &Way) -> Pair {
        way.server.packet_info(true).unwrap();
        way.server.ecn(true).unwrap();
        if TIMED {
            way.server.timestamps(true).unwrap();
        }
        way.client.ecn(true).unwrap();
        let queue = builder(choice, 16).event().unwrap();
        let requests = |socket| RequestQueue::new(socket, &queue, &queue, limits(4, 4), 0).unwrap();
        Pair { server: requests(&way.server), client: requests(&way.client), queue }
    }

    /// The next receive that completes, the sends having succeeded.
    fn received(&mut self) -> Completion {
        let mut completions = Completions::with_capacity(16);
        until("a datagram", || {
            self.queue.dequeue(&mut completions);
            let mut received = None;
            for completion in completions.drain() {
                completion.result().unwrap();
                received = received.or((completion.operation() == Operation::Receive).then_some(completion));
            }
            received
        })
    }
}

/// Pools with all settings of which a test says nothing, in memory of their own and in ours.
fn pools(slice_size: usize) -> [(BufferPool, Option<Pages>); 2] {
    let own = BufferPool::builder().slice_size(slice_size).slices_per_region(16).lock(Lock::Off);
    let pages = Pages::new(16 * slice_size);
    [(own.build().unwrap(), None), (pages.pool(slice_size), Some(pages))]
}

/// The server receives into a slice, or into a chain of two.
fn post(pair: &Pair, pool: &BufferPool, chained: bool) {
    let options = Receive::new().addresses();
    if chained {
        let chain: ChainMut = (0..2).map(|_| pool.take().unwrap()).collect();
        pair.server.receive_with(chain, options, 0).unwrap();
    } else {
        pair.server.receive_with(pool.take().unwrap(), options, 0).unwrap();
    }
}

fn marked(ecn: Ecn) -> ControlBuffer {
    let mut control = ControlBuffer::new();
    control.ecn(ecn).unwrap();
    control
}

fn all_of_it_fits_by_default_and_is_right(choice: BackendChoice) {
    if lacked_by_wine(MARKED) {
        return;
    }
    for way in ways() {
        let mut pair = Pair::new(choice, &way);
        for (pool, _pages) in &pools(256) {
            for (mark, chained) in MARKS.into_iter().zip([false, true].into_iter().cycle()) {
                post(&pair, pool, chained);
                let before = SystemTime::now();
                let send = marked(mark);
                let send = Send::new().to(way.target).control(&send);
                pair.client.send_with(pool.take_with(b"question").unwrap(), send, 1).unwrap();
                let question = pair.received();
                let after = SystemTime::now();
                assert_eq!((question.bytes(), question.ecn()), (8, Some(mark)), "{}", way.name);
                assert_eq!(question.local(), Some(way.local), "{}", way.name);
                let in_time = |time| before <= time && time <= after;
                assert_eq!(question.timestamp().map(in_time), TIMED.then_some(true), "{}", way.name);
                assert!(!question.control_truncated(), "{}", way.name);
                assert_eq!(
                    question.control().count(),
                    2 + usize::from(TIMED),
                    "{}: {:?}",
                    way.name,
                    question.control()
                );

                // The answer leaves from where it was asked, with a mark of its own.
                pair.client.receive_from(pool.take().unwrap(), 0).unwrap();
                let mut answer = marked(Ecn::CongestionExperienced);
                answer.source(question.local().unwrap(), 0).unwrap();
                let send = Send::new().to(question.peer().unwrap()).control(&answer);
                pair.server.send_with(pool.take_with(b"answer").unwrap(), send, 1).unwrap();
                let answer = pair.received();
                assert_eq!((answer.peer(), answer.bytes()), (Some(way.target), 6), "{}", way.name);
                assert_eq!(answer.ecn(), Some(Ecn::CongestionExperienced), "{}", way.name);
                assert_eq!((answer.local(), answer.timestamp()), (None, None), "{}", way.name);
            }
        }
        drop(pair);
    }
}

fn a_run_has_one_of_each(choice: BackendChoice) {
    if !gso_supported() || !gro_supported() {
        return eprintln!("skipped: this kernel lacks UDP_SEGMENT or UDP_GRO");
    }
    for way in ways() {
        way.server.receive_offload(true).unwrap();
        let mut pair = Pair::new(choice, &way);
        for (pool, _pages) in &pools(1024) {
            for (mark, chained) in MARKS.into_iter().zip([true, false].into_iter().cycle()) {
                post(&pair, pool, chained);
                let mut control = marked(mark);
                control.segment_size(100).unwrap();
                let send = Send::new().to(way.target).control(&control);
                pair.client.send_with(pool.take_with(&[7; 950]).unwrap(), send, 1).unwrap();
                let run = pair.received();
                assert_eq!((run.bytes(), run.ecn()), (950, Some(mark)), "{}", way.name);
                assert_eq!(run.local(), Some(way.local), "{}", way.name);
                assert!(run.timestamp().is_some() && !run.control_truncated(), "{}", way.name);
                let is_size = |message| message == ControlMessage::SegmentSize(100);
                assert_eq!(run.control().filter(|message| is_size(*message)).count(), 1, "{}", way.name);
                assert_eq!(run.control().count(), 4, "{}: {:?}", way.name, run.control());
            }
        }
        drop(pair);
    }
}

fn a_connected_socket_tells_the_same(choice: BackendChoice) {
    if lacked_by_wine(MARKED) {
        return;
    }
    for way in ways() {
        way.client.connect(way.target).unwrap();
        let mut pair = Pair::new(choice, &way);
        let [(pool, _), _] = pools(256);
        post(&pair, &pool, false);
        let send = marked(Ecn::Capable1);
        pair.client.send_with(pool.take_with(b"question").unwrap(), Send::new().control(&send), 1).unwrap();
        let question = pair.received();
        assert_eq!(
            (question.local(), question.ecn()),
            (Some(way.local), Some(Ecn::Capable1)),
            "{}",
            way.name
        );

        // Connecting may choose the server another address, by which its peer is reached.
        way.server.connect(question.peer().unwrap()).unwrap();
        let local = way.server.local_addr().unwrap();
        way.client.connect((local.ip().to_canonical(), local.port())).unwrap();
        post(&pair, &pool, false);
        pair.client.send_with(pool.take_with(b"another").unwrap(), Send::new().control(&send), 1).unwrap();
        let another = pair.received();
        assert_eq!((another.bytes(), another.ecn()), (7, Some(Ecn::Capable1)), "{}", way.name);
        assert_eq!(another.local(), Some(local.ip()), "{}", way.name);
        assert_eq!(another.timestamp().is_some(), TIMED, "{}", way.name);
    }
}

fn nothing_is_told_that_was_not_asked_for(choice: BackendChoice) {
    for way in ways() {
        let mut pair = Pair::new(choice, &way);
        let [(pool, _), _] = pools(256);
        // Not by the receive.
        pair.server.receive(pool.take().unwrap(), 0).unwrap();
        pair.client.send_to(pool.take_with(b"x").unwrap(), way.target, 1).unwrap();
        let silent = pair.received();
        assert_eq!((silent.peer(), silent.control().count()), (None, 0), "{}", way.name);
        // Not by the socket.
        way.server.packet_info(false).unwrap();
        way.server.ecn(false).unwrap();
        way.server.timestamps(false).unwrap();
        post(&pair, &pool, false);
        pair.client.send_to(pool.take_with(b"x").unwrap(), way.target, 1).unwrap();
        let silent = pair.received();
        assert!(silent.peer().is_some() && !silent.control_truncated(), "{}", way.name);
        assert_eq!((silent.local(), silent.ecn(), silent.timestamp()), (None, None, None), "{}", way.name);
    }
}
