//! Operations on associated handles: one packet each, however they end.

use std::net::SocketAddr;

use ringport::port::{OperationBuffer, StartError};

use super::rig::{Event, Files, Finished, Outcome, Port, Udp, associate, listener, stream};
use crate::World;
use crate::framework::row::{Table, row};
use crate::rig::Pool;

pub(super) const TABLE: Table = Table {
    name: "operations",
    title: "Read, write, receive, send, accept, connect",
    rows: &[
        row!(
            a_success_posts_one_packet,
            "An operation that succeeds later posts exactly one packet.",
            broken by "a second one follows",
        ),
        row!(
            a_failure_posts_one_packet,
            "An operation that fails posts exactly one packet.",
            broken by "a second one follows",
        ),
        row!(
            what_is_done_at_once_posts_one_packet,
            "An operation that is done at once posts exactly one packet, too.",
            broken by "a second one follows",
        ),
        row!(
            what_cannot_start_posts_none,
            "An operation that cannot be started says why, gives its buffer back and posts no packet.",
            broken by "a packet comes all the same",
        ),
        row!(
            a_file_is_used_at_the_offset_named,
            "A file is read and written at the offset that the operation names.",
            broken by "the offset is taken for 0",
        ),
        row!(
            the_end_of_a_file_is_a_result_of_its_own,
            "A read at the end of a file tells so, and is no success of 0 bytes.",
            broken by "it is a success of 0 bytes",
        ),
        row!(
            the_context_comes_back,
            "The context of an operation comes back with its packet.",
            broken by "another context comes back",
        ),
        row!(
            the_buffer_comes_back,
            "The buffer is the operation's until its packet brings it back.",
            broken by "the packet is without it",
        ),
        row!(
            streams_accept_and_connect,
            "Connections are accepted and made, and bytes sent and received, by packets of one port.",
            broken by "an accept brings no connection",
        ),
    ],
};

/// The next packet, which is an operation's.
pub(super) fn done(port: &Port) -> Finished {
    match port.next() {
        Event::Done(finished) => finished,
        other => panic!("no packet of an operation: {other:?}"),
    }
}

/// So many of them, by their contexts.
pub(super) fn sorted(port: &Port, count: usize) -> Vec<Finished> {
    let mut all: Vec<_> = (0..count).map(|_| done(port)).collect();
    all.sort_by_key(|finished| finished.context);
    all
}

fn a_success_posts_one_packet(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    udp.receive(vec![0; 16], 100).unwrap();
    assert!(port.is_silent(), "nothing has come yet");
    udp.arrive(b"later");
    let finished = done(&port);
    assert_eq!((finished.outcome, &finished.received[..]), (Outcome::Success(5), &b"later"[..]));
    assert!(port.is_silent(), "a second packet");
}

fn a_failure_posts_one_packet(world: &World) {
    let port = Port::new(world, 1);
    // Nobody is connected to it.
    Udp::new(&port, 1).send(b"to whom?".to_vec(), 101).unwrap();
    let finished = done(&port);
    assert!(matches!(finished.outcome, Outcome::Failed(_)), "{finished:?}");
    assert!(port.is_silent(), "a second packet");
}

fn what_is_done_at_once_posts_one_packet(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    udp.arrive(b"there already");
    let started = udp.receive(vec![0; 16], 102).unwrap();
    assert!(started.pending().is_some() && udp.outstanding() == 0);
    assert_eq!(done(&port).outcome, Outcome::Success(13));
    assert!(port.is_silent(), "a second packet");
}

fn what_cannot_start_posts_none(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    udp.set_limit(1);
    udp.receive(vec![0; 16], 1).unwrap();
    let refused = udp.receive(vec![4; 9], 2).unwrap_err();
    assert_eq!((refused.error, refused.buffer), (StartError::LimitReached { limit: 1 }, vec![4; 9]));
    assert!(port.is_silent(), "what was not started posted a packet");
}

fn a_file_is_used_at_the_offset_named(world: &World) {
    let port = Port::new(world, 1);
    let file = Files::new(&port, b"0123456789");
    file.write_at(b"ab", 3, 1);
    assert_eq!(done(&port).outcome, Outcome::Success(2));
    for (offset, bytes) in [(2, b"2ab5"), (6, b"6789")] {
        file.read_at(4, offset, 2);
        assert_eq!(done(&port).received, bytes);
    }
}

fn the_end_of_a_file_is_a_result_of_its_own(world: &World) {
    let port = Port::new(world, 1);
    let file = Files::new(&port, b"0123456789");
    for offset in [10, 1 << 40] {
        file.read_at(8, offset, 1);
        assert_eq!(done(&port).outcome, Outcome::End);
    }
}

fn the_context_comes_back(world: &World) {
    let port = Port::new(world, 1);
    let udp = Udp::new(&port, 1);
    for context in [0, 42, u64::MAX] {
        udp.send_to(b"x".to_vec(), udp.address, context).unwrap();
        assert_eq!(done(&port).context, context);
    }
}

fn the_buffer_comes_back(world: &World) {
    let port = Port::new(world, 1);
    let (udp, pool) = (Udp::new(&port, 1), Pool::new(world, 256, 1).unwrap());
    let slice = pool.take();
    let place = slice.offset();
    udp.receive(slice, 42).unwrap();
    assert_eq!(pool.figures().free, 0, "it is the operation's");
    udp.arrive(b"filled");
    let finished = sorted(&port, 1).remove(0);
    let Some(OperationBuffer::Unique(slice)) = finished.buffer else { panic!("{finished:?}") };
    assert_eq!((slice.offset(), &slice[..]), (place, &b"filled"[..]));
}

fn streams_accept_and_connect(world: &World) {
    let port = Port::new(world, 1);
    let (listener, client) = (listener(&port, 1), stream(&port, 2));
    let address: SocketAddr = listener.local_addr().unwrap();
    listener.accept(1).unwrap();
    client.connect(address, 2).unwrap();
    let [accepted, connected] = sorted(&port, 2).try_into().unwrap();
    assert_eq!(connected.outcome, Outcome::Success(0));
    let server = associate(&port, accepted.stream.expect("a connection"), 3);
    server.receive(vec![0; 16], 3).unwrap();
    client.send(b"hello".to_vec(), 4).unwrap();
    let [received, sent] = sorted(&port, 2).try_into().unwrap();
    assert_eq!((&received.received[..], sent.outcome), (&b"hello"[..], Outcome::Success(5)));
}
