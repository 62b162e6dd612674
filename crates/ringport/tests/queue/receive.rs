//! Receives: each posted slice gets one datagram, in post order, with or without what came beside it.

use std::net::{IpAddr, Ipv4Addr};

use ringport::net::{ControlMessage, Domain};
use ringport::{BackendChoice, BufferPool, Lock, Operation, Receive, RequestQueue, Status, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, builder, bytes, limits, plain, tokens};

on_each_backend!(
    a_completion_tells_what_was_posted,
    slices_are_filled_in_post_order,
    a_plain_receive_has_no_addresses,
    addresses_and_control_data_come_with_the_datagram,
    both_kinds_mix_on_one_socket,
    addresses_asked_for_late_are_given_from_then_on,
    both_families_are_received,
    pools_of_different_headroom_share_a_socket,
    a_socket_may_be_bound_by_its_first_send,
    a_connected_socket_receives_only_from_its_peer,
    several_sockets_share_a_completion_queue,
);

fn a_completion_tells_what_was_posted(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(2, 1));
    rig.requests.receive(rig.marked(5), 42).unwrap();
    rig.arrive(b"a datagram");
    let completion = rig.take_one();
    assert_eq!(completion.operation(), Operation::Receive);
    assert_eq!((completion.token(), completion.socket_context()), (42, 77));
    assert_eq!((completion.status(), completion.bytes()), (Status::Success, 10));
    assert_eq!(completion.result().unwrap(), 10);
    assert_eq!(bytes(&completion), b"a datagram");
    let mut buffer = completion.into_unique().unwrap();
    assert_eq!((buffer.context(), buffer.len()), (5, 10));
    // The slice may be posted again as it is: its whole capacity is filled anew.
    buffer.truncate(1);
    rig.requests.receive(buffer, 43).unwrap();
    rig.arrive(&[7; 256]);
    assert_eq!(bytes(&rig.take_one()), [7; 256]);
}

fn slices_are_filled_in_post_order(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(100, 1));
    for addresses in [false, true] {
        let options = if addresses { Receive::new().addresses() } else { Receive::new() };
        let mut posted = Vec::new();
        for number in 0..100u64 {
            let buffer = rig.marked(number * 3);
            posted.push((buffer.region(), buffer.offset(), number * 3, number));
            rig.requests.receive_with(buffer, options, number).unwrap();
        }
        for number in 0..100u8 {
            rig.arrive(&[number]);
        }
        for (number, (completion, expected)) in rig.take(100).into_iter().zip(posted).enumerate() {
            assert_eq!(bytes(&completion), [number as u8]);
            let token = completion.token();
            let buffer = completion.into_unique().unwrap();
            assert_eq!((buffer.region(), buffer.offset(), buffer.context(), token), expected);
        }
    }
}

fn a_plain_receive_has_no_addresses(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    rig.socket.packet_info(true).unwrap();
    rig.post(0..1);
    rig.arrive(b"x");
    let completion = rig.take_one();
    assert_eq!((completion.peer(), completion.local()), (None, None));
    assert_eq!(completion.control().count(), 0);
}

fn addresses_and_control_data_come_with_the_datagram(choice: BackendChoice) {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.packet_info(true).unwrap();
    let timed = cfg!(target_os = "linux");
    if timed {
        socket.timestamps(true).unwrap();
    }
    let mut rig = Rig::with_socket(choice, limits(4, 1), socket);
    let port = rig.address.port();
    for last in 1..=4u8 {
        rig.requests.receive_from(rig.marked(0), u64::from(last)).unwrap();
        rig.client.send_to(&[last; 20], (Ipv4Addr::new(127, 0, 0, last), port)).unwrap();
    }
    for completion in rig.take(4) {
        let last = completion.token() as u8;
        assert_eq!(bytes(&completion), [last; 20]);
        assert_eq!(completion.peer(), Some(rig.client_address()));
        assert_eq!(completion.local(), Some(IpAddr::from([127, 0, 0, last])));
        let known = |message: ControlMessage<'_>| matches!(message, ControlMessage::Timestamp(_));
        assert_eq!(completion.control().any(known), timed, "{:?}", completion.control().collect::<Vec<_>>());
    }
}

fn both_kinds_mix_on_one_socket(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(30, 1));
    let wants = |token: u64| token.is_multiple_of(3);
    for round in 0..4u8 {
        for token in 0..30 {
            let options = if wants(token) { Receive::new().addresses() } else { Receive::new() };
            rig.requests.receive_with(rig.marked(token), options, token).unwrap();
        }
        for token in 0..30u8 {
            rig.arrive(&[round, token]);
        }
        let taken = rig.take(30);
        assert_eq!(tokens(&taken), (0..30).collect::<Vec<_>>());
        for completion in taken {
            assert_eq!(bytes(&completion), [round, completion.token() as u8]);
            let expected = wants(completion.token()).then(|| rig.client_address());
            assert_eq!(completion.peer(), expected, "{}", completion.token());
        }
    }
}

fn addresses_asked_for_late_are_given_from_then_on(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(8, 1));
    rig.post(0..2);
    rig.arrive(&[0]);
    assert_eq!(rig.take_one().peer(), None);
    // One plain receive is in the kernel already while the way of receiving changes.
    for token in 2..5 {
        rig.requests.receive_from(rig.marked(token), token).unwrap();
    }
    rig.take_none();
    for byte in 1..5 {
        rig.arrive(&[byte]);
    }
    for (completion, byte) in rig.take(4).into_iter().zip(1..) {
        assert_eq!((bytes(&completion), completion.token()), (&[byte][..], u64::from(byte)));
        assert_eq!(completion.peer().is_some(), byte >= 2);
        assert_eq!(completion.buffer().unwrap().context(), u64::from(byte));
    }
}

fn both_families_are_received(choice: BackendChoice) {
    let Ok(client) = std::net::UdpSocket::bind("[::1]:0") else {
        eprintln!("skipped: this machine has no IPv6 on its loopback interface");
        return;
    };
    let mut rig = Rig::with_socket(choice, limits(4, 2), UdpSocket::bind("[::]:0").unwrap());
    let port = rig.address.port();
    rig.requests.receive_from(rig.marked(0), 0).unwrap();
    rig.requests.receive_from(rig.marked(1), 1).unwrap();
    client.send_to(b"six", ("::1", port)).unwrap();
    rig.client.send_to(b"four", ("127.0.0.1", port)).unwrap();
    let taken = rig.take(2);
    assert_eq!(taken[0].peer(), Some(client.local_addr().unwrap()));
    let peer = taken[1].peer().unwrap();
    assert_eq!(peer.to_string(), format!("[::ffff:127.0.0.1]:{}", rig.client_address().port()));
    rig.requests.send_to(rig.filled(b"back"), peer, 2).unwrap();
    assert_eq!(rig.reply(), b"back");
}

fn pools_of_different_headroom_share_a_socket(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(30, 1));
    let pool = |control| {
        let builder = BufferPool::builder().slice_size(100).slices_per_region(64).control(control);
        builder.lock(Lock::Off).build().unwrap()
    };
    let pools = [pool(16), pool(144), pool(1000)];
    assert!(pools[0].headroom() < pools[1].headroom() && pools[1].headroom() < pools[2].headroom());
    for addresses in [false, true, true] {
        let options = if addresses { Receive::new().addresses() } else { Receive::new() };
        for token in 0..30 {
            let buffer = pools[token % 3].take().unwrap();
            rig.requests.receive_with(buffer, options, token as u64).unwrap();
        }
        for byte in 0..30u8 {
            rig.arrive(&[byte; 60]);
        }
        for (byte, completion) in rig.take(30).into_iter().enumerate() {
            assert_eq!((bytes(&completion), completion.token()), (&[byte as u8; 60][..], byte as u64));
            assert_eq!(completion.peer().is_some(), addresses);
        }
    }
}

fn a_socket_may_be_bound_by_its_first_send(choice: BackendChoice) {
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let mut rig = Rig::with_socket(choice, limits(2, 2), socket);
    assert_eq!(rig.address.port(), 0);
    rig.requests.receive_from(rig.marked(0), 0).unwrap();
    rig.take_none();
    rig.requests.send_to(rig.filled(b"who"), rig.client_address(), 1).unwrap();
    assert_eq!(rig.take_one().token(), 1);
    let mut question = [0; 8];
    let (_, from) = rig.client.recv_from(&mut question).unwrap();
    rig.client.send_to(b"you", from).unwrap();
    let completion = rig.take_one();
    assert_eq!((bytes(&completion), completion.peer()), (&b"you"[..], Some(rig.client_address())));
}

fn a_connected_socket_receives_only_from_its_peer(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 1));
    rig.post(0..2);
    rig.take_none();
    rig.socket.connect(rig.client_address()).unwrap();
    plain().send_to(b"stranger", rig.address).unwrap();
    rig.arrive(b"peer");
    rig.requests.receive_from(rig.marked(2), 2).unwrap();
    rig.arrive(b"peer again");
    rig.arrive(b"and again");
    let taken = rig.take(3);
    let all: Vec<_> = taken.iter().map(bytes).collect();
    assert_eq!(all, [&b"peer"[..], b"peer again", b"and again"]);
    assert_eq!(taken[2].peer(), Some(rig.client_address()));
}

fn several_sockets_share_a_completion_queue(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let mut queue = builder(choice, 40).event().unwrap();
    let sockets: Vec<_> = (0..10).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let made = |(context, socket): (usize, &UdpSocket)| {
        RequestQueue::new(socket, &queue, &queue, limits(3, 1), context as u64).unwrap()
    };
    let requests: Vec<_> = sockets.iter().enumerate().map(made).collect();
    for requests in &requests {
        (0..3).for_each(|token| requests.receive(rig.marked(0), token).unwrap());
    }
    for (byte, socket) in (0..).zip(&sockets) {
        rig.client.send_to(&[byte], socket.local_addr().unwrap()).unwrap();
    }
    std::mem::swap(&mut queue, &mut rig.queue);
    let mut contexts = Vec::new();
    for completion in rig.take(10) {
        assert_eq!(bytes(&completion), [completion.socket_context() as u8]);
        assert_eq!(completion.token(), 0);
        contexts.push(completion.socket_context());
    }
    contexts.sort_unstable();
    assert_eq!(contexts, (0..10).collect::<Vec<_>>());
}
