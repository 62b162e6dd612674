//! The address a datagram came to, and replies that leave from there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc;

use ringport::server::LocalAddress;

use crate::system::lacked_by_wine;
use crate::ways::{client_at, next, ways};

/// Asks a server on `bound` at `asked`, from `client`; returns what it saw as its address, and who answered.
fn ask(
    way: crate::ways::Way,
    bound: &str,
    asked: IpAddr,
    client: &str,
    when: LocalAddress,
) -> (SocketAddr, SocketAddr, u16) {
    let (tell, told) = mpsc::channel();
    let server = way.bind(bound).local_address(when);
    let server = server.start(move |datagram| {
        tell.send(datagram.local()).unwrap();
        datagram.reply();
    });
    let server = server.unwrap();
    let port = server.local_addr().port();
    let client = client_at(client);
    client.send_to(b"where?", (asked, port)).unwrap();
    let answer = next(&client);
    assert_eq!(answer.0, b"where?", "{way}");
    server.stop().unwrap();
    (told.recv().unwrap(), answer.1, port)
}

#[test]
fn on_all_addresses_each_answer_leaves_from_the_one_that_was_asked() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        for last in [1, 2, 77] {
            let asked = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
            let (seen, from, port) = ask(way, "0.0.0.0:0", asked, "127.0.0.1:0", LocalAddress::WhenUnknown);
            assert_eq!(seen, SocketAddr::new(asked, port), "{way}");
            assert_eq!(from, SocketAddr::new(asked, port), "{way}");
        }
    }
}

#[test]
fn a_socket_of_both_families_answers_both_from_where_it_was_asked() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("skipped: no IPv6 here");
        return;
    }
    for way in ways() {
        let six: IpAddr = "::1".parse().unwrap();
        let (seen, from, port) = ask(way, "[::]:0", six, "[::1]:0", LocalAddress::WhenUnknown);
        assert_eq!((seen, from), (SocketAddr::new(six, port), SocketAddr::new(six, port)), "{way}");

        let four = Ipv4Addr::new(127, 0, 0, 2);
        let (seen, from, port) = ask(way, "[::]:0", four.into(), "127.0.0.1:0", LocalAddress::WhenUnknown);
        assert_eq!(seen, SocketAddr::new(four.to_ipv6_mapped().into(), port), "{way}");
        assert_eq!(from, SocketAddr::new(four.into(), port), "{way}");
    }
}

#[test]
fn it_is_asked_for_when_and_only_when_it_was_said() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        let asked = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
        let (seen, _, port) = ask(way, "0.0.0.0:0", asked, "127.0.0.2:0", LocalAddress::Never);
        assert_eq!(seen, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port), "{way}");
        for when in [LocalAddress::WhenUnknown, LocalAddress::Always] {
            let (seen, from, port) = ask(way, "127.0.0.2:0", asked, "127.0.0.1:0", when);
            assert_eq!((seen, from), (SocketAddr::new(asked, port), SocketAddr::new(asked, port)), "{way}");
        }
    }
}

#[test]
fn a_broadcast_is_answered_from_an_address_of_the_machine() {
    for way in ways() {
        for address in ["127.255.255.255", "255.255.255.255"] {
            let server = way.bind("0.0.0.0:0").start(|datagram| datagram.reply()).unwrap();
            let client = client_at("127.0.0.1:0");
            client.set_broadcast(true).unwrap();
            let target: SocketAddr = format!("{address}:{}", server.local_addr().port()).parse().unwrap();
            if let Err(error) = client.send_to(b"anybody?", target) {
                eprintln!("skipped: no broadcast to {address} here: {error}");
                continue;
            }
            if address == "255.255.255.255" {
                // It may leave by another interface than the loopback one, and never come back here.
                continue;
            }
            let (bytes, from) = next(&client);
            assert_eq!((&bytes[..], from.port()), (&b"anybody?"[..], target.port()), "{way}");
            assert!(from.ip().is_loopback() && from.ip() != target.ip(), "{way}: {from}");
            server.stop().unwrap();
        }
    }
}
