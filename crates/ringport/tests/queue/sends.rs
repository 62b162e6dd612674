//! Sends: in post order, from every kind of buffer, to a peer or the connected one, with control data.
//!
//! By type: a slice that is being sent cannot be sent or written a second time, unless it is a shared one.

use ringport::net::{ControlBuffer, ControlMessage, Domain, gso_supported};
use ringport::queue::{CompletedBuffer, PostError};
use ringport::{BackendChoice, Chain, ChainMut, Operation, Receive, Send, Status, UdpSocket};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits, tokens};
use crate::common::system::{EMSGSIZE, lacked_by_wine};

on_each_backend!(
    a_send_completes_with_its_buffer,
    every_kind_of_buffer_comes_back_as_it_was,
    slices_are_gathered_into_one_datagram,
    a_shared_buffer_is_in_many_sends_at_once,
    sends_leave_in_post_order,
    a_connected_socket_needs_no_destination,
    impossible_sends_are_refused_with_their_buffer,
    a_send_that_the_system_refuses_fails_alone,
    the_source_address_can_be_chosen,
    one_buffer_is_sent_as_several_segments,
    waiting_for_all_is_for_streams,
);

fn a_send_completes_with_its_buffer(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 2));
    let mut buffer = rig.filled(b"hello");
    buffer.set_context(9);
    rig.requests.send_to(buffer, rig.client_address(), 3).unwrap();
    assert_eq!(rig.reply(), b"hello");
    let sent = rig.take_one();
    assert_eq!((sent.operation(), sent.token(), sent.socket_context()), (Operation::Send, 3, 77));
    assert_eq!((sent.status(), sent.result().unwrap(), sent.peer()), (Status::Success, 5, None));
    let buffer = sent.into_unique().unwrap();
    assert_eq!((&buffer[..], buffer.context()), (&b"hello"[..], 9));
}

fn every_kind_of_buffer_comes_back_as_it_was(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 8));
    let to = rig.client_address();
    let chain = |rig: &Rig| -> ChainMut { [rig.filled(b"ab"), rig.filled(b"c")].into_iter().collect() };
    rig.requests.send_to(rig.filled(b"abc"), to, 0).unwrap();
    rig.requests.send_to(rig.filled(b"xabcx").freeze().view(1..4).unwrap(), to, 1).unwrap();
    rig.requests.send_to(chain(&rig), to, 2).unwrap();
    rig.requests.send_to(chain(&rig).freeze(), to, 3).unwrap();
    for (index, completion) in rig.take(4).into_iter().enumerate() {
        assert_eq!((rig.reply(), completion.bytes()), (b"abc".to_vec(), 3));
        match (index, completion.into_buffer()) {
            (0, CompletedBuffer::Unique(buffer)) => assert_eq!(&buffer[..], b"abc"),
            (1, CompletedBuffer::Shared(buffer)) => assert_eq!(&buffer[..], b"abc"),
            (2, CompletedBuffer::ChainMut(chain)) => assert_eq!(chain.buffers().len(), 2),
            (3, CompletedBuffer::Chain(chain)) => assert_eq!(chain.to_vec(), b"abc"),
            (_, other) => panic!("not what was sent: {other:?}"),
        }
    }
}

fn slices_are_gathered_into_one_datagram(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 4));
    let to = rig.client_address();
    let head = rig.filled(b"head|").freeze();
    for round in 0..10u8 {
        let mut chain = Chain::new();
        chain.push(head.clone());
        for part in 0..7 {
            chain.push(rig.filled(&vec![round; part]).freeze());
        }
        rig.requests.send_to(chain, to, 0).unwrap();
        let mut expected = b"head|".to_vec();
        expected.extend(vec![round; 21]);
        assert_eq!(rig.reply(), expected);
        assert_eq!(rig.take_one().bytes(), 26);
    }
    assert_eq!(head.references(), 1);
}

fn a_shared_buffer_is_in_many_sends_at_once(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 50));
    let message = rig.filled(b"to everyone").freeze();
    let later = Send::new().to(rig.client_address()).defer();
    for token in 0..50 {
        rig.requests.send_with(message.clone(), later, token).unwrap();
    }
    assert_eq!((message.references(), rig.pool.figures().sending), (51, 1));
    rig.requests.commit();
    (0..50).for_each(|_| assert_eq!(rig.reply(), b"to everyone"));
    assert_eq!(tokens(&rig.take(50)), (0..50).collect::<Vec<_>>());
    assert_eq!((message.references(), rig.pool.figures().sending), (1, 0));
    assert!(message.try_unique().is_ok());
}

fn sends_leave_in_post_order(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 150));
    let to = rig.client_address();
    for round in 0..10u64 {
        for number in 0..150u64 {
            let send = if number % 7 < 5 { Send::new().to(to).defer() } else { Send::new().to(to) };
            let bytes = (round * 1000 + number).to_le_bytes();
            rig.requests.send_with(rig.filled(&bytes), send, number).unwrap();
        }
        rig.requests.commit();
        for number in 0..150 {
            assert_eq!(rig.reply(), (round * 1000 + number).to_le_bytes());
        }
        assert_eq!(tokens(&rig.take(150)), (0..150).collect::<Vec<_>>());
    }
}

fn a_connected_socket_needs_no_destination(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 4));
    let refused = rig.requests.send(rig.filled(b"x"), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NoDestination));
    rig.socket.connect(rig.client_address()).unwrap();
    rig.requests.send(refused.buffer, 1).unwrap();
    assert_eq!(rig.reply(), b"x");
    // Another destination may still be named.
    let other = crate::common::rig::plain();
    rig.requests.send_to(rig.filled(b"y"), other.local_addr().unwrap(), 2).unwrap();
    let mut bytes = [0; 2];
    assert_eq!(other.recv(&mut bytes).unwrap(), 1);
    assert_eq!(tokens(&rig.take(2)), [1, 2]);
}

fn impossible_sends_are_refused_with_their_buffer(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let to = rig.client_address();
    for slices in [0, 9] {
        let chain: ChainMut = (0..slices).map(|_| rig.filled(b"x")).collect();
        let refused = rig.requests.send_to(chain, to, 0).unwrap_err();
        assert!(matches!(refused.error, PostError::SliceCount { allowed: 8, .. }), "{refused}");
        assert_eq!(refused.buffer.len(), slices);
    }
    let unconnected = rig.requests.send(rig.filled(b"who").freeze(), 0).unwrap_err();
    assert!(matches!(unconnected.error, PostError::NoDestination));
    assert_eq!(&unconnected.buffer[..], b"who");
    drop(unconnected);
    assert_eq!(rig.requests.outstanding().sends, 0);
    rig.take_none();
    assert_eq!(rig.pool.figures().used, 0);
}

fn a_send_that_the_system_refuses_fails_alone(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 3));
    rig.pool = crate::common::rig::pool(65_536, 4);
    let (to, later) = (rig.client_address(), Send::new().to(rig.client_address()).defer());
    rig.requests.send_with(rig.filled(b"before"), later, 0).unwrap();
    // One byte more than a datagram can have.
    rig.requests.send_with(rig.filled(&vec![0; 65_508]), later, 1).unwrap();
    rig.requests.send_to(rig.filled(b"after"), to, 2).unwrap();
    let statuses: Vec<_> = rig.take(3).iter().map(|sent| (sent.token(), sent.status())).collect();
    let failed = Status::Failed(EMSGSIZE);
    assert_eq!(statuses, [(0, Status::Success), (1, failed), (2, Status::Success)]);
    assert_eq!((rig.reply(), rig.reply()), (b"before".to_vec(), b"after".to_vec()));
    assert_eq!(rig.requests.counters().failed, 1);
    // A destination of the other family.
    rig.requests.send_to(rig.filled(b"x"), "[::1]:9".parse().unwrap(), 3).unwrap();
    assert!(matches!(rig.take_one().status(), Status::Failed(_)));
}

fn the_source_address_can_be_chosen(choice: BackendChoice) {
    if lacked_by_wine("control data of sends") {
        return;
    }
    let mut rig = Rig::with_socket(choice, limits(1, 4), UdpSocket::bind("0.0.0.0:0").unwrap());
    let mut control = ControlBuffer::new();
    let mut sources = Vec::new();
    for last in 2..6u8 {
        control.clear();
        control.source([127, 0, 0, last], 0).unwrap();
        let send = Send::new().to(rig.client_address()).control(&control).defer();
        rig.requests.send_with(rig.filled(&[last]), send, u64::from(last)).unwrap();
    }
    // The control data was copied.
    control.clear();
    rig.requests.commit();
    for _ in 2..6 {
        let mut bytes = [0; 2];
        let (_, from) = rig.client.recv_from(&mut bytes).unwrap();
        sources.push(from.ip().to_string());
    }
    assert_eq!(sources, ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]);
    assert!(rig.take(4).iter().all(|sent| sent.status() == Status::Success));
    assert_eq!(UdpSocket::unbound(Domain::V4).unwrap().local_addr().unwrap().port(), 0);
}

fn one_buffer_is_sent_as_several_segments(choice: BackendChoice) {
    if !gso_supported() {
        eprintln!("skipped: this kernel does not segment datagrams of UDP");
        return;
    }
    let mut rig = Rig::new(choice, limits(2, 1));
    let mut control = ControlBuffer::new();
    control.segment_size(100).unwrap();
    let send = Send::new().to(rig.client_address()).control(&control);
    rig.requests.send_with(rig.filled(&[5; 250]), send, 0).unwrap();
    assert_eq!(rig.take_one().bytes(), 250);
    let lengths = [rig.reply().len(), rig.reply().len(), rig.reply().len()];
    assert_eq!(lengths, [100, 100, 50]);
    // And the other way: the kernel may hand several segments over as one.
    rig.socket.receive_offload(true).unwrap();
    rig.requests.receive_from(rig.marked(0), 1).unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sending = Rig::with_socket(choice, limits(1, 1), sender);
    sending.requests.send_with(sending.filled(&[6; 200]), send.to(rig.address), 0).unwrap();
    let received = rig.take_one();
    let size = received.control().find_map(|message| match message {
        ControlMessage::SegmentSize(size) => Some(size),
        _ => None,
    });
    assert!(size == Some(100) && received.bytes() == 200 || size.is_none() && received.bytes() == 100);
}

fn waiting_for_all_is_for_streams(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(1, 1));
    let refused = rig.requests.receive_with(rig.marked(8), Receive::new().wait_all(), 0).unwrap_err();
    assert!(matches!(refused.error, PostError::NotSupported(_)), "{refused}");
    assert_eq!((refused.buffer.context(), rig.requests.outstanding().receives), (8, 0));
    let refused = rig.requests.receive_when_free(&rig.pool, Receive::new().wait_all(), 0).unwrap_err();
    assert!(matches!(refused, PostError::NotSupported(_)), "{refused}");
    rig.take_none();
}
