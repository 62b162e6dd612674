//! Addresses and options that are not possible, each told by name.

use ringport::net::SocketError;
use ringport::server::ServerError;
use ringport::{Design, UdpServer};

use crate::child::{is_child, passes, rerun};
use crate::lonely::{is_free, lonely_port};
use crate::ways::{sink, ways};

#[test]
fn an_address_in_use_is_an_error_in_every_design() {
    for way in ways() {
        let server = way.server();
        let second = UdpServer::bind(server.local_addr()).map(|second| second.design(way.design));
        assert!(
            matches!(second, Err(ServerError::Socket(SocketError::AddressInUse { address })) if address == server.local_addr()),
            "{way}"
        );
        // Also while it runs, when a sharded one shares its port with itself.
        let server = server.start(sink).unwrap();
        assert!(UdpServer::bind(server.local_addr()).is_err(), "{way}");
        drop(server);
    }
}

#[test]
fn the_port_is_free_as_soon_as_the_server_has_ended() {
    // By itself, since a child that another test starts has copies of all sockets for a moment.
    if !is_child() {
        return passes(&mut rerun("bind::the_port_is_free_as_soon_as_the_server_has_ended"));
    }
    for way in ways() {
        let server = way.bind(&lonely_port()).start(sink).unwrap();
        let (address, handle, sender) = (server.local_addr(), server.handle(), server.sender());
        server.stop().unwrap();
        assert!(is_free(address), "{way}");
        // Whoever holds what.
        assert!(handle.join_multicast([239, 1, 1, 1], 1).is_err());
        assert!(sender.send_copy(address, b"late").is_err());
    }
}

#[test]
fn options_that_are_not_possible_are_named() {
    let server = || UdpServer::bind("127.0.0.1:0").unwrap();
    let refused = |server: UdpServer, name: &str| match server.run(sink) {
        Err(error @ ServerError::Option { option, .. }) if option == name => error.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    refused(server().threads(0), "threads");
    refused(server().design(Design::Hybrid).threads(5000), "threads");
    refused(server().pending(0), "pending");
    refused(server().pending(10_000_000), "pending");
    refused(server().max_results(0), "max_results");
    refused(server().slice_size(0), "slice_size");
    refused(server().slice_size(100_000), "slice_size");
    refused(server().socket_buffer(0), "socket_buffer");
    refused(server().name("a\0b"), "name");
    let text = refused(server().design(Design::Polled).threads(4), "threads");
    let other = if cfg!(windows) { "hybrid" } else { "sharded-polled" };
    assert!(text.contains('4') && text.contains(other), "{text}");
    if let Some(why) = Design::ShardedEvent.refusal() {
        let text = refused(server().design(Design::ShardedEvent), "design");
        assert!(text.contains("hybrid") && text.contains(why), "{text}");
        let text = refused(server().design(Design::Hybrid).queues(2), "queues");
        assert!(text.contains("1 to 1"), "{text}");
    }
    let unknown = "reactor".parse::<Design>().unwrap_err();
    assert!(unknown.to_string().contains("sharded-"), "{unknown}");
}

#[test]
fn a_start_that_fails_on_one_thread_fails_as_a_whole() {
    for way in ways() {
        let error = way.server().pin([4000]).start(sink).map(drop).unwrap_err();
        assert!(matches!(error, ServerError::Pin { processor: 4000, .. }), "{way}: {error}");
    }
}
