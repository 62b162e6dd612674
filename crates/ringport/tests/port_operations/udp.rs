//! Datagrams: received in the order of the receives, sent in the order of the sends, one packet each.

use ringport::port::{OperationBuffer, OperationFailure, OperationKind, Started};
use ringport::{BackendChoice, Packet, Packets};

use crate::common::nobody::deaf;
use crate::common::system::{EDESTADDRREQ, EMSGSIZE, lacked_by_wine};
use crate::common::{PATIENCE, on_each_backend};
use crate::setup::{next, nothing, pool, port, socket, sorted};

on_each_backend!(
    a_packet_tells_what_was_started,
    every_form_of_buffer_is_received_into_and_sent,
    receives_are_filled_in_the_order_they_were_started,
    sends_leave_in_the_order_they_were_started,
    a_datagram_that_waits_is_received_at_once,
    a_datagram_that_does_not_fit_is_told,
    a_datagram_that_waits_and_does_not_fit_is_told_once,
    a_connected_socket_sends_without_an_address,
    control_messages_come_with_the_datagram,
    many_packets_are_taken_with_one_wait,
    an_empty_datagram_is_no_end,
    a_send_that_the_system_refuses_posts_its_error,
    an_unreachable_peer_ends_no_receive,
    a_port_that_never_runs_out_of_packets_serves_its_sockets_too,
);

fn a_packet_tells_what_was_started(choice: BackendChoice) {
    let (port, pool, socket, client) = (port(choice), pool(), socket(), socket());
    let associated = port.associate_udp(&socket, 77).unwrap();
    // On Windows the operations of ports are overlapped, whichever backend queues have.
    let expected = if cfg!(windows) { BackendChoice::Overlapped } else { choice };
    assert_eq!(associated.backend().to_string(), expected.to_string());
    associated.receive_from(pool.take().unwrap(), 42).unwrap();
    let plain = client.to_std().unwrap();
    plain.send_to(b"a datagram", socket.local_addr().unwrap()).unwrap();
    let done = next(&port);
    assert_eq!((done.key(), done.context(), done.kind()), (77, 42, OperationKind::Receive));
    assert_eq!((done.result().unwrap(), done.bytes()), (10, 10));
    assert_eq!(done.peer(), Some(client.local_addr().unwrap()));
    let buffer = done.into_unique().unwrap();
    assert_eq!(&buffer[..], b"a datagram");

    associated.send_to(buffer, client.local_addr().unwrap(), 43).unwrap();
    let done = next(&port);
    assert_eq!((done.key(), done.context(), done.kind()), (77, 43, OperationKind::Send));
    assert_eq!(done.result().unwrap(), 10);
    nothing(&port);
}

fn every_form_of_buffer_is_received_into_and_sent(choice: BackendChoice) {
    let (port, pool, socket) = (port(choice), pool(), socket());
    let address = socket.local_addr().unwrap();
    let associated = port.associate_udp(&socket, 0).unwrap();
    associated.receive_from(pool.take().unwrap(), 0).unwrap();
    associated.receive_from(Vec::with_capacity(100), 1).unwrap();
    associated.receive_from(vec![9; 100], 2).unwrap();
    associated.receive_from(vec![0; 100].into_boxed_slice(), 3).unwrap();
    let unique = pool.take_with(b"datagram 0").unwrap();
    associated.send_to(unique, address, 10).unwrap();
    associated.send_to(pool.take_with(b"datagram 1").unwrap().freeze(), address, 11).unwrap();
    associated.send_to(b"datagram 2".to_vec(), address, 12).unwrap();
    associated.send_to(b"datagram 3".to_vec().into_boxed_slice(), address, 13).unwrap();
    for (index, done) in sorted(&port, 8).into_iter().enumerate() {
        let context = if index < 4 { index } else { index + 6 } as u64;
        assert_eq!(done.context(), context);
        assert_eq!((done.peer(), done.result().unwrap()), (Some(address), 10));
        assert_eq!(done.received(), format!("datagram {}", context % 10).as_bytes());
        let expected = match (done.into_buffer(), context) {
            (OperationBuffer::Unique(_), 0 | 10) | (OperationBuffer::Shared(_), 11) => true,
            (OperationBuffer::Vec(bytes), 1 | 2 | 12) => bytes.len() == 10,
            (OperationBuffer::Boxed(bytes), 3) => bytes.len() == 100,
            (OperationBuffer::Boxed(bytes), 13) => bytes.len() == 10,
            _ => false,
        };
        assert!(expected, "{context}");
    }
}

fn receives_are_filled_in_the_order_they_were_started(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 0).unwrap();
    let client = client.to_std().unwrap();
    for context in 0..100 {
        associated.receive(vec![0; 16], context).unwrap();
    }
    for number in 0..100u8 {
        client.send_to(&[number], socket.local_addr().unwrap()).unwrap();
    }
    for (number, done) in sorted(&port, 100).iter().enumerate() {
        assert_eq!((done.context(), done.received()), (number as u64, &[number as u8][..]));
    }
    assert_eq!(associated.outstanding(), 0);
}

fn sends_leave_in_the_order_they_were_started(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 0).unwrap();
    for number in 0..100u8 {
        associated.send_to(vec![number], client.local_addr().unwrap(), number.into()).unwrap();
    }
    let client = client.to_std().unwrap();
    for number in 0..100u8 {
        let mut bytes = [0; 16];
        assert_eq!((client.recv(&mut bytes).unwrap(), bytes[0]), (1, number));
    }
    assert_eq!(sorted(&port, 100).len(), 100);
    nothing(&port);
}

fn a_datagram_that_waits_is_received_at_once(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 5).unwrap();
    let address = socket.local_addr().unwrap();
    client.to_std().unwrap().send_to(b"first", address).unwrap();
    // Still it posts its packet, unless the handle says otherwise.
    assert!(matches!(associated.receive(vec![0; 16], 1).unwrap(), Started::Pending(_)));
    assert_eq!(associated.outstanding(), 0);
    assert_eq!(next(&port).received(), b"first");
    nothing(&port);
}

fn a_datagram_that_does_not_fit_is_told(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 5).unwrap();
    associated.receive(vec![0; 4], 1).unwrap();
    associated.receive_from(vec![0; 4], 2).unwrap();
    associated.receive_message(pool().take().unwrap(), 3).unwrap();
    let (client, address) = (client.to_std().unwrap(), socket.local_addr().unwrap());
    for _ in 0..3 {
        client.send_to(&[1; 300], address).unwrap();
    }
    for done in sorted(&port, 3) {
        let expected = if done.context() == 3 { 256 } else { 4 };
        let Err(OperationFailure::Truncated { delivered }) = done.result() else { panic!("{done:?}") };
        assert_eq!((delivered, done.received()), (expected, &[1; 300][..expected]));
    }
}

fn a_datagram_that_waits_and_does_not_fit_is_told_once(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 5).unwrap();
    let (client, address) = (client.to_std().unwrap(), socket.local_addr().unwrap());
    for skip in [false, true] {
        associated.skip_on_success(skip);
        for context in 0..3 {
            client.send_to(&[1; 300], address).unwrap();
            let done = match associated.receive_from(vec![0; 4], context).unwrap() {
                Started::Done(done) => done,
                Started::Pending(_) => next(&port),
            };
            let told = done.result();
            assert!(matches!(told, Err(OperationFailure::Truncated { delivered: 4 })), "{told:?}");
            assert_eq!((done.context(), done.received()), (context, &[1; 4][..]));
            // Another packet of it would be taken for one of what is started next.
            associated.receive(vec![0; 8], 9).unwrap();
            nothing(&port);
            client.send_to(b"next", address).unwrap();
            let done = next(&port);
            assert_eq!((done.context(), done.received()), (9, &b"next"[..]));
        }
    }
}

fn a_connected_socket_sends_without_an_address(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 5).unwrap();
    socket.connect(client.local_addr().unwrap()).unwrap();
    associated.send(b"to my peer".to_vec(), 1).unwrap();
    assert_eq!(next(&port).result().unwrap(), 10);
    assert_eq!(client.to_std().unwrap().recv(&mut [0; 16]).unwrap(), 10);
}

fn control_messages_come_with_the_datagram(choice: BackendChoice) {
    let (port, pool, socket, client) = (port(choice), pool(), socket(), socket());
    socket.packet_info(true).unwrap();
    let associated = port.associate_udp(&socket, 5).unwrap();
    let (client, address) = (client.to_std().unwrap(), socket.local_addr().unwrap());
    for room in [1, 8] {
        associated.receive_message(pool.take().unwrap(), 1).unwrap();
        associated.receive_from(pool.take().unwrap(), 2).unwrap();
        client.send_to(b"x", address).unwrap();
        client.send_to(b"y", address).unwrap();
        let mut packets = Packets::with_capacity(room);
        let mut seen = 0;
        while seen < 2 {
            port.wait_many(&mut packets, Some(PATIENCE)).unwrap();
            for packet in packets.drain() {
                let Packet::Operation(done) = packet else { panic!("{packet:?}") };
                assert_eq!(done.peer(), Some(client.local_addr().unwrap()));
                assert_eq!(done.control().count(), usize::from(done.context() == 1));
                seen += 1;
            }
        }
    }
}

fn many_packets_are_taken_with_one_wait(choice: BackendChoice) {
    let (port, socket, client) = (port(choice), socket(), socket());
    let associated = port.associate_udp(&socket, 0).unwrap();
    let (client, address) = (client.to_std().unwrap(), socket.local_addr().unwrap());
    let mut packets = Packets::with_capacity(64);
    let mut expected = 0u64;
    for round in 0..20u64 {
        for context in 0..10 {
            associated.receive_from(vec![0; 16], round * 10 + context).unwrap();
        }
        for number in 0..10 {
            client.send_to(&(round * 10 + number).to_le_bytes(), address).unwrap();
        }
        while expected < (round + 1) * 10 {
            port.wait_many(&mut packets, Some(PATIENCE)).unwrap();
            for packet in packets.drain() {
                let Packet::Operation(done) = packet else { panic!("{packet:?}") };
                assert_eq!((done.context(), done.received()), (expected, &expected.to_le_bytes()[..]));
                assert_eq!(done.peer(), Some(client.local_addr().unwrap()));
                expected += 1;
            }
        }
    }
    nothing(&port);
}

fn an_empty_datagram_is_no_end(choice: BackendChoice) {
    let (port, pool, socket, client) = (port(choice), pool(), socket(), socket());
    let associated = port.associate_udp(&socket, 0).unwrap();
    associated.receive(vec![1; 16], 1).unwrap();
    associated.receive_from(pool.take().unwrap(), 2).unwrap();
    let (client, address) = (client.to_std().unwrap(), socket.local_addr().unwrap());
    client.send_to(b"", address).unwrap();
    client.send_to(b"", address).unwrap();
    for done in sorted(&port, 2) {
        assert_eq!((done.result().unwrap(), done.received()), (0, &b""[..]));
    }
}

fn a_send_that_the_system_refuses_posts_its_error(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 3).unwrap();
    associated.send(b"to whom?".to_vec(), 1).unwrap();
    let done = next(&port);
    assert_eq!((done.key(), crate::setup::error(&done)), (3, Some(EDESTADDRREQ)));
    associated.send_to(vec![0; 70_000], socket.local_addr().unwrap(), 2).unwrap();
    let done = next(&port);
    assert_eq!(crate::setup::error(&done), Some(EMSGSIZE));
    assert_eq!(done.into_vec().unwrap().len(), 70_000);
    nothing(&port);
}

fn a_port_that_never_runs_out_of_packets_serves_its_sockets_too(choice: BackendChoice) {
    let (port, socket) = (port(choice), socket());
    let associated = port.associate_udp(&socket, 1).unwrap();
    associated.receive(vec![0; 8], 5).unwrap();
    port.post(0, 0).unwrap();
    socket.to_std().unwrap().send_to(b"x", socket.local_addr().unwrap()).unwrap();
    let seen = crate::common::until("the datagram", || {
        // For each packet that is taken there is another.
        port.post(0, 0).unwrap();
        match port.wait(Some(PATIENCE)).unwrap() {
            Packet::Operation(done) => Some(done.context()),
            _ => None,
        }
    });
    assert_eq!(seen, 5);
}

fn an_unreachable_peer_ends_no_receive(choice: BackendChoice) {
    // Its server looks no more at a socket with an error, so what waits there waits for ever.
    if lacked_by_wine("receive that ends after an error of ICMP came to its socket") {
        return;
    }
    let (port, socket) = (port(choice), socket());
    let peer = deaf();
    socket.connect(peer.local_addr().unwrap()).unwrap();
    let associated = port.associate_udp(&socket, 1).unwrap();
    associated.receive(vec![0; 8], 1).unwrap();
    for _ in 0..3 {
        associated.send(b"anyone?".to_vec(), 2).unwrap();
        let sent = next(&port);
        assert_eq!((sent.context(), sent.result().unwrap()), (2, 7));
    }
    // The peer comes to life.
    peer.connect(socket.local_addr().unwrap()).unwrap();
    peer.send(b"here").unwrap();
    let done = next(&port);
    assert_eq!((done.context(), done.received()), (1, &b"here"[..]));
}
