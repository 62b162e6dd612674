//! One send that is several datagrams.

use ringport::queue::PostError;
use ringport::{Completion, Limits, RequestQueue, Send, Status, StreamSocket, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{builder, pool};
use crate::rig::{Rig, Way, on_each_way, pattern, peer};

on_each_way!(
    a_slice_is_cut_where_it_says,
    what_is_more_than_a_message_holds_is_several,
    over_ipv6_too,
    a_chain_is_cut_wherever_its_slices_end,
    a_shared_slice_goes_to_many,
    a_connected_socket_needs_no_destination,
    neighbours_join_and_keep_their_order,
);
on_each_backend!(a_stream_has_no_datagrams);

/// Each is sent alone, and its completion tells all of its bytes.
fn sent(rig: &mut Rig, bytes: &[u8], size: u16) {
    rig.post(bytes, rig.to(0).segments(size), 5);
    let done = rig.take(1).pop().unwrap();
    assert_eq!((done.token(), done.status(), done.bytes()), (5, Status::Success, bytes.len()));
    assert_eq!(done.buffer().unwrap()[..], *bytes, "the slice comes back as it was");
    rig.receives_cut(0, bytes, usize::from(size));
}

fn a_slice_is_cut_where_it_says(way: Way) {
    let mut rig = Rig::new(way, 1);
    for (length, size) in
        [(1, 1), (2, 1), (64, 1), (1000, 100), (1001, 100), (999, 100), (101, 100), (100, 100)]
    {
        sent(&mut rig, &pattern(length), size);
    }
    for (length, size) in [(99, 100), (65_507, 65_507), (60_000, 30_000), (64_000, 1000), (65_500, 1472)] {
        sent(&mut rig, &pattern(length), size);
    }
    // Without a size it is one datagram, also an empty one.
    for (length, size) in [(500, 0), (0, 0), (0, 10)] {
        rig.post(&pattern(length), rig.to(0).segments(size), 5);
        assert_eq!(rig.take(1)[0].bytes(), length);
        assert_eq!(rig.received(0), pattern(length));
    }
    assert_eq!(rig.counters().unsegmented, 0);
}

fn what_is_more_than_a_message_holds_is_several(way: Way) {
    let mut rig = Rig::new(way, 1);
    // By the number of datagrams and by bytes, with and without a rest.
    for (length, size) in [(65, 1), (129, 1), (200, 1), (6500, 100), (65_507, 700), (65_800, 32_000)] {
        sent(&mut rig, &pattern(length), size);
    }
    let parts = [pattern(50_000), pattern(50_000), pattern(30_001)];
    let chain = rig.chain(&[&parts[0], &parts[1], &parts[2]]);
    rig.try_post(chain, rig.to(0).segments(1400), 1).unwrap();
    let done = rig.take(1);
    assert_eq!((done[0].status(), done[0].bytes()), (Status::Success, 130_001));
    rig.receives_cut(0, &parts.concat(), 1400);
    assert_eq!(rig.counters().unsegmented, 0, "the system takes messages of this size");
}

fn over_ipv6_too(way: Way) {
    if UdpSocket::bind("[::1]:0").is_err() {
        return eprintln!("skipped: no IPv6 here");
    }
    let mut rig = Rig::at(way, "[::1]:0", 1);
    for (length, size) in [(1000, 99), (65_527, 65_527), (65_527, 1452), (65_900, 32_763)] {
        sent(&mut rig, &pattern(length), size);
    }
    assert_eq!(rig.counters().unsegmented, 0);
    // An address of IPv4 on a socket of both.
    let mut rig = Rig::with_socket(way, UdpSocket::bind("[::]:0").unwrap(), vec![peer("127.0.0.1:0")]);
    let mapped = format!("[::ffff:127.0.0.1]:{}", rig.address(0).port()).parse().unwrap();
    rig.post(&pattern(65_600), Send::new().to(mapped).segments(1472), 0);
    assert_eq!(rig.take(1)[0].bytes(), 65_600);
    rig.receives_cut(0, &pattern(65_600), 1472);
    assert_eq!(rig.counters().unsegmented, 0);
}

fn a_chain_is_cut_wherever_its_slices_end(way: Way) {
    let mut rig = Rig::new(way, 1);
    let bytes = pattern(1000);
    for size in [1u16, 3, 100, 300, 999, 1000] {
        for ends in [[0, 0, 0], [1, 2, 3], [100, 200, 300], [150, 150, 999], [0, 500, 1000]] {
            let parts =
                [&bytes[..ends[0]], &bytes[ends[0]..ends[1]], &bytes[ends[1]..ends[2]], &bytes[ends[2]..]];
            rig.try_post(rig.chain(&parts), rig.to(0).segments(size), 1).unwrap();
            let done = rig.take(1);
            assert_eq!((done[0].status(), done[0].bytes()), (Status::Success, 1000));
            rig.receives_cut(0, &bytes, usize::from(size));
        }
    }
}

fn a_shared_slice_goes_to_many(way: Way) {
    let mut rig = Rig::new(way, 3);
    let bytes = pattern(777);
    let shared = rig.filled(&bytes).freeze();
    for peer in [0, 1, 2] {
        rig.try_post(shared.clone(), rig.to(peer).segments(70).defer(), peer as u64).unwrap();
    }
    rig.commit();
    assert_eq!(rig.take(3).iter().map(Completion::bytes).sum::<usize>(), 3 * 777);
    (0..3).for_each(|peer| rig.receives_cut(peer, &bytes, 70));
}

fn a_connected_socket_needs_no_destination(way: Way) {
    let mut rig = Rig::new(way, 1);
    rig.socket.connect(rig.address(0)).unwrap();
    rig.post(&pattern(1000), Send::new().segments(300), 0);
    assert_eq!(rig.take(1)[0].bytes(), 1000);
    rig.receives_cut(0, &pattern(1000), 300);
}

fn neighbours_join_and_keep_their_order(way: Way) {
    let mut rig = Rig::new(way, 1);
    // Bytes, and the size of a segment.
    let posted = [
        (100, 0),
        (300, 100),
        (6400, 100),
        (250, 100),
        (100, 100),
        (300, 50),
        (50, 50),
        (0, 0),
        (7, 0),
        (7, 7),
        (70, 7),
        (69, 7),
        (1, 1),
        (640, 10),
        (640, 10),
        (5, 10),
        (2000, 1000),
        (30_000, 1000),
        (65_000, 1000),
    ];
    let mut expected = Vec::new();
    let bytes = pattern(70_000);
    for (token, (length, size)) in posted.into_iter().enumerate() {
        let payload = &bytes[token * 100..token * 100 + length];
        rig.post(payload, rig.to(0).segments(size).defer(), token as u64);
        match (length, usize::from(size)) {
            (0, _) | (_, 0) => expected.push(payload),
            (_, size) => expected.extend(payload.chunks(size)),
        }
    }
    rig.commit();
    for (token, done) in rig.take(posted.len()).iter().enumerate() {
        assert_eq!((done.token(), done.status()), (token as u64, Status::Success));
        assert_eq!(done.bytes(), posted[token].0);
    }
    expected
        .iter()
        .for_each(|expected| assert!(rig.received(0) == *expected, "out of order, or cut elsewhere"));
    rig.receives_nothing(0);
}

fn a_stream_has_no_datagrams(choice: ringport::BackendChoice) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = StreamSocket::connect(listener.local_addr().unwrap()).unwrap();
    let queue = builder(choice, 4).polled().unwrap();
    let limits = Limits { receives: 0, receive_buffers: 0, sends: 4, send_buffers: 1 };
    let requests = RequestQueue::new(&socket, &queue, &queue, limits, 0).unwrap();
    let pool = pool(64, 1);
    let refused =
        requests.send_with(pool.take_with(b"bytes").unwrap(), Send::new().segments(2), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NotSupported(_)), "{refused}");
    assert_eq!(refused.buffer[..], *b"bytes");
}
