//! Descriptors that come from elsewhere.
//!
//! On Linux only: elsewhere a file is no socket by its type.

use std::os::fd::{AsRawFd, OwnedFd};

use ringport::UdpSocket;
use ringport::net::FromFdRefusal;
use socket2::{Domain, Protocol, Socket, Type};

/// The refusal, after a look at whether the same descriptor came back.
fn refusal(fd: impl Into<OwnedFd>) -> FromFdRefusal {
    let fd = fd.into();
    let number = fd.as_raw_fd();
    let refused = UdpSocket::from_fd(fd).unwrap_err();
    assert_eq!(refused.fd.as_raw_fd(), number);
    assert_eq!(refused.to_string(), refused.error.to_string());
    refused.error
}

#[test]
fn what_is_not_a_socket_is_refused() {
    assert!(matches!(refusal(std::fs::File::open("/dev/null").unwrap()), FromFdRefusal::NotASocket));
}

#[test]
fn sockets_of_other_protocols_are_refused() {
    assert!(matches!(refusal(std::net::TcpListener::bind("127.0.0.1:0").unwrap()), FromFdRefusal::NotUdp));
    assert!(matches!(refusal(std::os::unix::net::UnixDatagram::unbound().unwrap()), FromFdRefusal::NotUdp));
}

#[test]
fn a_socket_for_pings_is_refused() {
    match Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4)) {
        // It has datagrams and IPv4, and still it is not a UDP socket.
        Ok(pings) => assert!(matches!(refusal(pings), FromFdRefusal::NotUdp)),
        Err(error) => eprintln!("skipped: this user may open no socket for pings: {error}"),
    }
}

#[test]
fn a_raw_socket_is_refused() {
    match Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)) {
        // Its protocol is UDP, and still it is not a UDP socket.
        Ok(raw) => assert!(matches!(refusal(raw), FromFdRefusal::RawSocket)),
        Err(error) => eprintln!("skipped: an ordinary user may open no raw socket: {error}"),
    }
}

#[test]
fn a_udp_socket_is_taken_over_bound_or_not() {
    for domain in [Domain::IPV4, Domain::IPV6] {
        match Socket::new(domain, Type::DGRAM, None) {
            Ok(socket) => {
                assert_eq!(UdpSocket::from_fd(socket.into()).unwrap().local_addr().unwrap().port(), 0)
            }
            Err(error) => eprintln!("skipped {domain:?}: {error}"),
        }
    }
    let plain = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    assert_eq!(UdpSocket::from(plain).local_addr().unwrap(), address);
}
