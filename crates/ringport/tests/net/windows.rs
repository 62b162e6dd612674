//! What only Windows does with a socket, and what it does not.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::windows::io::{AsRawSocket, OwnedSocket};

use ringport::net::{Domain, DontFragment, FromFdRefusal, SocketError, StreamRefusal};
use ringport::{StreamListener, StreamSocket, UdpSocket};
use socket2::{Protocol, SockRef, Socket, Type};

use crate::loopback::{has_v6, receive, ways};

/// The name of what is not offered, after a look at its text and its kind.
fn not_offered<T: std::fmt::Debug>(asked: Result<T, SocketError>) -> &'static str {
    let error = asked.unwrap_err();
    let SocketError::NotOffered { what, instead } = error else { panic!("{error}") };
    assert_eq!(error.to_string(), format!("this system does not offer {what}: {instead}"));
    assert_eq!(std::io::Error::from(error).kind(), ErrorKind::Unsupported);
    what
}

#[test]
fn a_port_is_not_shared_and_says_so() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(not_offered(socket.reuse_port(true)).contains("reuse_port"));
    socket.reuse_port(false).unwrap();
    assert!(not_offered(UdpSocket::builder().reuse_port(true).bind("127.0.0.1:0")).contains("reuse_port"));
    assert!(
        not_offered(StreamListener::builder().reuse_port(true).bind("127.0.0.1:0")).contains("reuse_port")
    );
}

#[test]
fn a_socket_that_is_bound_to_nothing_has_port_0_in_its_family() {
    for domain in [Domain::V4, Domain::V6] {
        let addresses = [
            UdpSocket::unbound(domain).unwrap().local_addr().unwrap(),
            StreamSocket::new(domain).unwrap().local_addr().unwrap(),
        ];
        for address in addresses {
            assert!(address.port() == 0 && address.ip().is_unspecified() && Domain::of(&address) == domain);
        }
    }
}

#[test]
fn nobody_takes_a_port_away() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let listener = StreamListener::bind("127.0.0.1:0").unwrap();
    let ports = [
        (Type::DGRAM, Protocol::UDP, udp.local_addr().unwrap()),
        (Type::STREAM, Protocol::TCP, listener.local_addr().unwrap()),
    ];
    for (kind, protocol, address) in ports {
        let thief = Socket::new(socket2::Domain::IPV4, kind, Some(protocol)).unwrap();
        thief.set_reuse_address(true).unwrap();
        let error = thief.bind(&address.into()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied), "{error}");
    }
}

#[test]
fn what_windows_does_not_have_is_named() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(not_offered(socket.drops()).contains("lost at a socket"));
    assert!(not_offered(socket.refuse_new_datagrams()).contains("new datagrams"));
    assert!(not_offered(socket.path_errors(true)).contains("path_errors"));
    assert_eq!(socket.take_path_error().unwrap(), None);
    assert!(not_offered(socket.multicast_all(true)).contains("groups"));
    socket.path_errors(false).unwrap();
    socket.multicast_all(false).unwrap();
}

#[test]
fn what_is_switched_off_needs_not_be_there() {
    for way in ways() {
        way.server.ecn(false).unwrap();
        way.server.packet_info(false).unwrap();
        way.server.timestamps(false).unwrap();
        way.server.receive_offload(false).unwrap();
        way.server.dont_fragment(DontFragment::Off).unwrap();
    }
}

#[test]
fn a_socket_of_ipv6_is_of_both_families_also_unbound_and_reaches_addresses_in_their_own_form() {
    if !has_v6() {
        return eprintln!("skipped: this machine has no IPv6 on its loopback interface");
    }
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let client = UdpSocket::unbound(Domain::V6).unwrap();
    assert!(!SockRef::from(&client).only_v6().unwrap());
    client.connect(server.local_addr().unwrap()).unwrap();
    client.to_std().unwrap().send(b"over IPv4").unwrap();
    assert_eq!(receive(&server).bytes, b"over IPv4");
    assert!(!SockRef::from(&StreamSocket::new(Domain::V6).unwrap()).only_v6().unwrap());
}

#[test]
fn a_peer_that_is_gone_fails_no_receive_wherever_the_socket_was_made() {
    let gone: SocketAddr = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = || std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken_over = UdpSocket::from_socket(plain().into()).unwrap();
    for socket in [UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::from(plain()), taken_over] {
        let copy = socket.to_std().unwrap();
        copy.send_to(b"nobody there", gone).unwrap();
        copy.send_to(b"from itself", socket.local_addr().unwrap()).unwrap();
        assert_eq!(receive(&socket).bytes, b"from itself");
    }
}

#[test]
fn sockets_of_other_kinds_come_back() {
    let refused = |socket: OwnedSocket| {
        let number = socket.as_raw_socket();
        let refused = UdpSocket::from_socket(socket).unwrap_err();
        assert_eq!(refused.socket.as_raw_socket(), number);
        assert_eq!(refused.to_string(), refused.error.to_string());
        refused.error
    };
    let listener = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(matches!(refused(listener().into()), FromFdRefusal::NotUdp));
    match Socket::new(socket2::Domain::IPV4, Type::RAW, Some(Protocol::UDP)) {
        // Its protocol is UDP, and still it is not a UDP socket.
        Ok(raw) => assert!(matches!(refused(raw.into()), FromFdRefusal::RawSocket)),
        Err(error) => eprintln!("skipped: this user may open no raw socket: {error}"),
    }
    let back = StreamSocket::from_socket(listener().into()).unwrap_err();
    assert!(matches!(back.error, StreamRefusal::Listens));
    let listener = StreamListener::from_socket(back.socket).unwrap();
    let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let back = StreamListener::from_socket(stream.into()).unwrap_err();
    assert!(matches!(back.error, StreamRefusal::DoesNotListen));
    let stream = StreamSocket::from_socket(back.socket).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(matches!(
        StreamSocket::from_socket(datagrams.into()).unwrap_err().error,
        StreamRefusal::NotAStream
    ));
}
