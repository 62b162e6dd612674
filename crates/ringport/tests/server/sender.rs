//! Pushes from other threads.

use std::net::SocketAddr;
use std::thread;

use ringport::UdpServer;
use ringport::server::SendError;

use crate::ways::{client, client_at, next, ways};

#[test]
fn pushes_come_from_the_address_of_the_server_in_every_design() {
    for way in ways() {
        let server = way.start(|datagram| datagram.reply());
        let (sender, address) = (server.sender(), server.local_addr());
        let clients: Vec<_> = (0..4).map(|_| client()).collect();
        thread::scope(|scope| {
            for client in &clients {
                let (sender, peer) = (sender.clone(), client.local_addr().unwrap());
                scope.spawn(move || {
                    for number in 0..50u8 {
                        sender.send_copy(peer, &[number]).unwrap();
                    }
                });
            }
        });
        for client in &clients {
            for number in 0..50u8 {
                assert_eq!(next(client), (vec![number], address), "{way}");
            }
        }
        let pushes = server.stop().unwrap().counters.pushes;
        assert_eq!((pushes.sent, pushes.failed), (200, 0), "{way}");
    }
}

#[test]
fn many_go_out_in_order_whatever_their_number() {
    let server = UdpServer::bind("127.0.0.1:0").unwrap();
    let (sender, client) = (server.sender(), client());
    let peer = client.local_addr().unwrap();
    let payloads: Vec<[u8; 1]> = (0..150).map(|number| [number]).collect();
    for count in [0, 1, 63, 64, 65, 150] {
        let datagrams: Vec<(SocketAddr, &[u8])> =
            payloads.iter().take(count).map(|payload| (peer, &payload[..])).collect();
        sender.send_many(&datagrams).unwrap();
        for payload in payloads.iter().take(count) {
            assert_eq!(next(&client).0, payload);
        }
    }
    assert_eq!(server.handle().counters().pushes.sent, 343);
}

#[test]
fn what_the_system_refuses_is_told_with_what_had_left_before() {
    let server = UdpServer::bind("127.0.0.1:0").unwrap();
    let (sender, client) = (server.sender(), client());
    let peer = client.local_addr().unwrap();
    // More than fits into a datagram at all.
    let huge = vec![0; 70_000];
    assert!(matches!(sender.send_copy(peer, &huge), Err(SendError::TooLarge)));
    let error = sender.send_many(&[(peer, b"1"), (peer, b"2"), (peer, &huge), (peer, b"4")]).unwrap_err();
    assert_eq!(error.sent, 2);
    assert!(error.to_string().starts_with("2 datagrams were sent"), "{error}");
    assert_eq!((next(&client).0, next(&client).0), (b"1".to_vec(), b"2".to_vec()));
    assert_eq!(server.handle().counters().pushes.failed, 2);
}

#[test]
fn both_families_can_be_pushed_to_from_a_socket_of_both() {
    let Ok(six) = std::net::UdpSocket::bind("[::1]:0") else {
        eprintln!("skipped: no IPv6 here");
        return;
    };
    drop(six);
    let server = UdpServer::bind("[::]:0").unwrap();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let client = client_at(address);
        let peer = match client.local_addr().unwrap() {
            SocketAddr::V4(peer) => SocketAddr::new(peer.ip().to_ipv6_mapped().into(), peer.port()),
            peer => peer,
        };
        server.sender().send_copy(peer, b"push").unwrap();
        assert_eq!(next(&client).0, b"push");
    }
}
