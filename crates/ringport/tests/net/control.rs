//! What the kernel tells beside a datagram, and what it is told with a send.

use std::net::IpAddr;
use std::time::SystemTime;

use ringport::net::{ControlBuffer, ControlMessage, Ecn};

use crate::loopback::{offered, receive, send, ways};
use crate::system::lacked_by_wine;

const LOOPBACK: u32 = 1;

#[test]
fn the_local_address_and_the_interface_come_once_with_each_datagram() {
    for way in ways() {
        way.server.packet_info(true).unwrap();
        send(&way.client, way.target, b"hello", &ControlBuffer::new()).unwrap();
        let received = receive(&way.server);
        let mut told: Vec<_> = received.control().collect();
        if told.len() > 1 && lacked_by_wine("single messages at dual-stack sockets") {
            told.truncate(1);
        }
        // Windows tells an address of IPv4 as it is also at a dual-stack socket; completions give it the form of that.
        let address = if cfg!(windows) { of_ipv4(&mut told, way.local) } else { way.local };
        assert_eq!(told, [ControlMessage::LocalAddress { address, interface: LOOPBACK }], "{}", way.name);
        way.server.packet_info(false).unwrap();
        send(&way.client, way.target, b"hello", &ControlBuffer::new()).unwrap();
        assert_eq!(receive(&way.server).control().count(), 0, "{}", way.name);
    }
}

/// The short form of an address of IPv4, for what was told and for what is expected.
fn of_ipv4(told: &mut [ControlMessage<'_>], expected: IpAddr) -> IpAddr {
    for message in told {
        if let ControlMessage::LocalAddress { address, .. } = message {
            *address = address.to_canonical();
        }
    }
    expected.to_canonical()
}

#[test]
fn an_answer_leaves_from_the_address_that_was_asked() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        way.server.packet_info(true).unwrap();
        send(&way.client, way.target, b"hello", &ControlBuffer::new()).unwrap();
        let request = receive(&way.server);
        let Some(ControlMessage::LocalAddress { address, interface }) = request.control().next() else {
            panic!("{}: no local address", way.name);
        };
        // As it was told, and in the short form that IPv4 also has at a dual-stack socket.
        for source in [address, address.to_canonical()] {
            let mut control = ControlBuffer::new();
            control.source(source, interface).unwrap();
            send(&way.server, request.peer, b"answer", &control).unwrap();
            let answer = receive(&way.client);
            assert_eq!((answer.bytes.as_slice(), answer.peer), (&b"answer"[..], way.target), "{}", way.name);
        }
    }
}

#[test]
fn a_source_that_the_machine_does_not_have_is_refused_by_the_kernel() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        let nobodys: IpAddr = if way.target.is_ipv4() { "192.0.2.1" } else { "2001:db8::1" }.parse().unwrap();
        let mut control = ControlBuffer::new();
        control.source(nobodys, 0).unwrap();
        send(&way.client, way.target, b"hello", &control).unwrap_err();
    }
}

#[test]
fn every_code_point_of_ecn_arrives() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        way.server.ecn(true).unwrap();
        for ecn in [Ecn::NotCapable, Ecn::Capable0, Ecn::Capable1, Ecn::CongestionExperienced] {
            let mut control = ControlBuffer::new();
            control.ecn(ecn).unwrap();
            send(&way.client, way.target, b"hello", &control).unwrap();
            let received = receive(&way.server);
            assert_eq!(received.control().collect::<Vec<_>>(), [ControlMessage::Ecn(ecn)], "{}", way.name);
        }
    }
}

#[test]
fn the_time_of_a_datagram_lies_between_its_send_and_its_receive() {
    for way in ways() {
        if !offered(way.server.timestamps(true)) {
            continue;
        }
        // The kernel begins to take times a moment after the first socket asks, and until then gives the
        // time of the receive call; both are in the span.
        let before = SystemTime::now();
        send(&way.client, way.target, b"hello", &ControlBuffer::new()).unwrap();
        let received = receive(&way.server);
        let after = SystemTime::now();
        let Some(ControlMessage::Timestamp(time)) = received.control().next() else {
            panic!("{}: no time", way.name);
        };
        assert!(before <= time && time <= after, "{}: {before:?} {time:?} {after:?}", way.name);
    }
}

#[test]
fn everything_at_once_fits_the_default_headroom() {
    // The room for control data that a pool reserves in front of each slice by default.
    const CONTROL: usize = 144;
    for way in ways() {
        way.server.packet_info(true).unwrap();
        way.server.ecn(true).unwrap();
        let timed = offered(way.server.timestamps(true));
        way.server.receive_offload(ringport::net::gro_supported()).unwrap();
        let mut control = ControlBuffer::new();
        control.ecn(Ecn::Capable0).unwrap();
        if ringport::net::gso_supported() {
            control.segment_size(100).unwrap();
        }
        send(&way.client, way.target, &[7; 1000], &control).unwrap();
        let received = receive(&way.server);
        let known = |message| !matches!(message, ControlMessage::Unknown { .. });
        assert!(received.control().all(known), "{}", way.name);
        assert!(received.control().count() >= 2 + usize::from(timed), "{}", way.name);
        assert!(received.control_length() <= CONTROL, "{}: {}", way.name, received.control_length());
    }
}

#[test]
fn a_marked_socket_marks_what_says_nothing_else() {
    for way in ways() {
        way.server.ecn(true).unwrap();
        for socket in [Ecn::Capable0, Ecn::CongestionExperienced, Ecn::NotCapable, Ecn::Capable1] {
            if !offered(way.client.mark(socket)) {
                continue;
            }
            send(&way.client, way.target, b"hello", &ControlBuffer::new()).unwrap();
            let mark = receive(&way.server).control().ecn();
            assert_eq!(mark, Some(socket), "{}", way.name);
            let mut control = ControlBuffer::new();
            control.ecn(Ecn::Capable0).unwrap();
            send(&way.client, way.target, b"hello", &control).unwrap();
            assert_eq!(receive(&way.server).control().ecn(), Some(Ecn::Capable0), "{}", way.name);
        }
    }
}
