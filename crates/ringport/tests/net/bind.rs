//! Binding and connecting: what is granted, and what an error tells.

use std::net::SocketAddr;

use ringport::UdpSocket;
use ringport::net::{Domain, SocketError};

use crate::lonely::{becomes_free, lonely};
use crate::loopback::{has_v6, receive, ways};
use crate::system::lacked_by_wine;

#[test]
fn an_address_in_use_is_named() {
    for way in ways() {
        let address = way.server.local_addr().unwrap();
        let error = UdpSocket::bind(address).unwrap_err();
        assert!(
            matches!(error, SocketError::AddressInUse { address: named } if named == address),
            "{}",
            way.name
        );
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::AddrInUse);
    }
}

#[test]
fn an_address_of_another_machine_is_named() {
    if lacked_by_wine("refusal of addresses that are nobody's") {
        return;
    }
    // Documentation addresses are nobody's.
    let error = UdpSocket::bind("192.0.2.1:0").unwrap_err();
    assert!(matches!(error, SocketError::AddressNotAvailable { .. }), "{error}");
    assert!(error.to_string().contains("192.0.2.1"), "{error}");
}

#[test]
fn of_several_addresses_the_first_that_works_is_taken() {
    if lacked_by_wine("refusal of addresses that are nobody's") {
        return;
    }
    let nobodys: SocketAddr = "192.0.2.1:0".parse().unwrap();
    let ours: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let socket = UdpSocket::bind(&[nobodys, ours][..]).unwrap();
    assert_eq!(socket.local_addr().unwrap().ip(), ours.ip());
    // And of several errors the first is told.
    let taken = socket.local_addr().unwrap();
    let error = UdpSocket::bind(&[taken, nobodys][..]).unwrap_err();
    assert!(matches!(error, SocketError::AddressInUse { .. }), "{error}");
}

#[test]
fn an_unknown_host_is_named_when_binding_and_when_connecting() {
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let errors = [
        UdpSocket::bind("no-such-host.invalid:9000").unwrap_err(),
        socket.connect(("no-such-host.invalid", 9000)).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, SocketError::UnknownHost { .. }), "{error}");
        assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
    }
}

#[test]
fn a_dual_stack_socket_takes_both_families_and_the_other_kind_one() {
    if !has_v6() {
        return eprintln!("skipped: this machine has no IPv6 on its loopback interface");
    }
    let both = UdpSocket::bind("[::]:0").unwrap();
    let port = both.local_addr().unwrap().port();
    assert!(matches!(UdpSocket::bind(("0.0.0.0", port)), Err(SocketError::AddressInUse { .. })));
    for target in ["127.0.0.1", "::1"] {
        let client = UdpSocket::unbound(Domain::of(&SocketAddr::new(target.parse().unwrap(), 0))).unwrap();
        client.connect((target, port)).unwrap();
        client.to_std().unwrap().send(b"hello").unwrap();
        let received = receive(&both);
        assert_eq!(received.bytes, b"hello");
        assert_eq!(received.peer.ip().to_canonical(), client.local_addr().unwrap().ip());
        assert!(
            received.peer.is_ipv6(),
            "an address of IPv4 is delivered in the form of the socket's family"
        );
        // The form that was delivered is one that can be sent to.
        both.to_std().unwrap().send_to(b"back", received.peer).unwrap();
        assert_eq!(receive(&client).bytes, b"back");
    }
    let six = UdpSocket::builder().only_v6(true).bind("[::]:0").unwrap();
    UdpSocket::bind(("0.0.0.0", six.local_addr().unwrap().port())).unwrap();
}

#[test]
fn a_socket_connects_and_connects_again() {
    for way in ways() {
        let other = UdpSocket::bind(SocketAddr::new(way.target.ip(), 0)).unwrap();
        for target in [way.target, other.local_addr().unwrap()] {
            way.client.connect(target).unwrap();
            assert_eq!(way.client.peer_addr().unwrap(), target, "{}", way.name);
        }
    }
}

#[test]
fn a_socket_of_one_family_cannot_connect_to_the_other() {
    let socket = UdpSocket::unbound(Domain::V4).unwrap();
    let error = socket.connect("[::1]:9").unwrap_err();
    assert!(matches!(error, SocketError::WrongFamily { .. }), "{error}");
}

#[test]
fn clones_are_one_socket_and_the_last_closes_it() {
    let socket = UdpSocket::bind((lonely(), 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let clone = socket.clone();
    drop(socket);
    assert!(matches!(UdpSocket::bind(address), Err(SocketError::AddressInUse { .. })));
    drop(clone);
    becomes_free(address);
}
