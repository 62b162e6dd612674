//! Servers on several addresses: each is served, told, and answered from, by every design.

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc;

use ringport::net::SocketError;
use ringport::server::{Running, ServerError};
use ringport::{Design, UdpServer};

use crate::designs::is_offered;
use crate::lonely::{becomes_free, lonely, lonely_port};
use crate::until::until;
use crate::ways::{Way, client, client_at, next, registered_ways, sink, ways};

/// A server of this way on so many addresses.
fn server(way: Way, addresses: usize) -> UdpServer {
    let mut server = way.bind(&lonely_port());
    for _ in 1..addresses {
        server = server.also_bind((lonely(), 0)).unwrap();
    }
    // A blocking thread serves one of them.
    if way.design.has_backend() { server } else { server.threads(addresses) }
}

/// One that answers with the number of the address.
fn start(server: UdpServer) -> Running {
    let answer = |datagram: ringport::Datagram<'_>| {
        assert!(datagram.local().port() != 0);
        let number = datagram.socket() as u32;
        let _ = datagram.reply_with(&number.to_le_bytes());
    };
    server.start(answer).unwrap()
}

/// Asks each address, and has its answer, from there.
fn each_answers(clients: &[UdpSocket], addresses: &[SocketAddr]) {
    for (number, address) in addresses.iter().enumerate() {
        clients[number % clients.len()].send_to(b"which?", address).unwrap();
    }
    for (of, client) in clients.iter().enumerate() {
        let mut expected: Vec<_> = (of..addresses.len()).step_by(clients.len()).collect();
        while !expected.is_empty() {
            let (answer, from) = next(client);
            let number = u32::from_le_bytes(answer.try_into().unwrap()) as usize;
            assert_eq!(from, addresses[number]);
            let place = expected.iter().position(|other| *other == number).unwrap();
            expected.swap_remove(place);
        }
    }
}

#[test]
fn every_design_serves_all_of_its_addresses() {
    for way in ways() {
        let server = server(way, 5);
        let addresses = server.local_addrs();
        assert_eq!((addresses.len(), addresses[0]), (5, server.local_addr()), "{way}");
        let running = start(server);
        assert_eq!(running.local_addrs(), addresses);
        let clients: Vec<_> = (0..3).map(|_| client()).collect();
        (0..10).for_each(|_| each_answers(&clients, &addresses));
        let report = running.stop().unwrap();
        assert_eq!((&report.local_addrs, report.counters.total.datagrams), (&addresses, 50), "{way}");
        assert_eq!(report.counters.total.replies_sent, 50, "{way}");
        addresses.into_iter().for_each(becomes_free);
    }
}

#[test]
fn sixty_four_addresses_are_served() {
    for way in ways() {
        let server = server(way, 64);
        let addresses = server.local_addrs();
        let running = start(server);
        let clients: Vec<_> = (0..4).map(|_| client()).collect();
        (0..5).for_each(|_| each_answers(&clients, &addresses));
        assert_eq!(running.stop().unwrap().counters.total.datagrams, 5 * 64, "{way}");
    }
}

#[test]
fn families_may_be_mixed() {
    for way in ways() {
        let server = match server(way, 1).also_bind("[::1]:0") {
            Ok(server) => server,
            Err(error) => return eprintln!("skipped: {error}"),
        };
        let server = if way.design.has_backend() { server } else { server.threads(2) };
        let addresses = server.local_addrs();
        let running = start(server);
        each_answers(&[client()], &addresses[..1]);
        let six = client_at("[::1]:0");
        six.send_to(b"which?", addresses[1]).unwrap();
        assert_eq!(next(&six), (1_u32.to_le_bytes().to_vec(), addresses[1]), "{way}");
        running.stop().unwrap();
    }
}

#[test]
fn what_came_before_the_start_is_handled_wherever_it_came_to() {
    for way in ways() {
        let server = server(way, 6);
        let addresses = server.local_addrs();
        let client = client();
        addresses.iter().for_each(|address| _ = client.send_to(b"early", address).unwrap());
        let (tell, told) = mpsc::channel();
        let running = server.start(move |datagram| tell.send(datagram.socket()).unwrap()).unwrap();
        // The stop takes what is there.
        assert_eq!(running.stop().unwrap().counters.total.datagrams, 6, "{way}");
        let mut numbers: Vec<_> = told.iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5], "{way}");
    }
}

#[test]
fn a_sender_sends_from_the_address_it_is_told() {
    let client = client();
    let peer = client.local_addr().unwrap();
    let server = UdpServer::bind("127.0.0.1:0").unwrap().also_bind("127.0.0.1:0").unwrap();
    let addresses = server.local_addrs();
    let sender = server.sender();
    let second = sender.on(1).unwrap();
    assert!(sender.on(2).is_none());
    let push = || {
        second.send_copy(peer, b"second").unwrap();
        assert_eq!(next(&client), (b"second".to_vec(), addresses[1]));
        second.send_many(&[(peer, b"many")]).unwrap();
        assert_eq!(next(&client), (b"many".to_vec(), addresses[1]));
        second.on(0).unwrap().send_copy(peer, b"first").unwrap();
        assert_eq!(next(&client), (b"first".to_vec(), addresses[0]));
    };
    push();
    let running = server.start(sink).unwrap();
    push();
    running.stop().unwrap();
    assert!(second.send_copy(peer, b"late").is_err());
}

#[test]
fn blocking_threads_are_as_many_as_addresses_or_more() {
    for design in [Design::Blocking, Design::ShardedBlocking] {
        if !is_offered(&design) {
            continue;
        }
        let bind = || {
            let server = UdpServer::bind("127.0.0.1:0").unwrap().design(design);
            server.also_bind("127.0.0.1:0").unwrap().also_bind("127.0.0.1:0").unwrap()
        };
        let refused = bind().threads(2).start(sink).map(drop).unwrap_err();
        assert!(matches!(refused, ServerError::Option { option: "threads", .. }), "{refused:?}");
        assert!(refused.to_string().contains("3 or more"), "{refused}");
        for server in [bind(), bind().threads(3), bind().threads(7)] {
            let addresses = server.local_addrs();
            let running = start(server);
            each_answers(&[client()], &addresses);
            running.stop().unwrap();
        }
    }
}

#[test]
fn sockets_are_spread_over_queues() {
    for way in registered_ways().filter(|way| way.design == Design::Hybrid) {
        for (addresses, queues, sockets) in [(6, 4, [2, 2, 1, 1]), (3, 4, [2, 2, 1, 1]), (8, 4, [2; 4])] {
            if cfg!(windows) && queues > addresses {
                eprintln!("skipped {queues} queues for {addresses} addresses: Windows has a socket for each");
                continue;
            }
            let running = start(server(way, addresses).queues(queues));
            let mut all: Vec<_> =
                running.handle().counters().queues.iter().map(|queue| queue.sockets).collect();
            all.sort_unstable_by(|one, other| other.cmp(one));
            assert_eq!(all, sockets, "{way}, {addresses} addresses over {queues} queues");
            each_answers(&[client()], &running.local_addrs());
            running.stop().unwrap();
        }
    }
}

#[test]
fn an_address_in_use_is_refused_and_frees_the_others() {
    let holder = client();
    let first = UdpServer::bind((lonely(), 0)).unwrap();
    let address = first.local_addr();
    let refused = first.also_bind(holder.local_addr().unwrap()).unwrap_err();
    assert!(matches!(refused, ServerError::Socket(SocketError::AddressInUse { .. })), "{refused:?}");
    becomes_free(address);
}

#[test]
fn the_memory_of_many_addresses_is_as_stated() {
    for (offload, bytes) in [(true, 262_144), (false, 32_768)] {
        if offload && !ringport::net::gro_supported() {
            eprintln!("skipped: this system has no receive offload");
            continue;
        }
        let mut server = UdpServer::bind("127.0.0.1:0").unwrap().receive_offload(offload);
        for _ in 1..100 {
            server = server.also_bind("127.0.0.1:0").unwrap();
        }
        let running = server.start(sink).unwrap();
        let registered = until("figures", || {
            Some(running.handle().counters().registered_bytes).filter(|bytes| *bytes > 0)
        });
        running.stop().unwrap();
        // And headers of 192 bytes a slice, and 256 slices for copies beside those for runs.
        let more = registered - 100 * bytes;
        assert!(more < 100 * 16 * 256 + 256 * 2304, "{registered} bytes with offload {offload}");
    }
}
