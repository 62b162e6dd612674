//! No descriptor left while something is made: a typed error that says what to raise, nothing kept of what was begun,
//! and success as soon as there are enough.
//!
//! On Linux only: it takes a limit on the descriptors of a process.

use std::error::Error;

use ringport::net::Domain;
use ringport::{BackendChoice, BufferPool, CompletionPort, UdpSocket};

use crate::alone::alone_on_each_backend;
use crate::common::rig::{Rig, builder, bytes, limits, plain};
use crate::common::system::{allow, descriptors};
use crate::ways::{next, ways};

alone_on_each_backend!(
    sockets_and_queues_fail_well,
    ports_fail_well,
    servers_fail_well,
    what_exists_works_on,
);

type Made = Result<(), Box<dyn Error>>;

/// Tries with ever more descriptors, from none; each error must be told well, and success must come.
fn fails_well(what: &str, make: impl Fn() -> Made) {
    let before = descriptors();
    for more in 0..60 {
        let taken = allow(more);
        let made = make();
        drop(taken);
        assert_eq!(descriptors(), before, "{what}, with {more} more");
        let Err(error) = made else {
            assert!(more > 0, "{what} needs descriptors");
            return;
        };
        let text = error.to_string();
        assert!(text.contains("ulimit -n"), "{what}, with {more} more: {text} ({error:?})");
    }
    panic!("{what}: sixty descriptors are not enough");
}

fn sockets_and_queues_fail_well(choice: BackendChoice) -> Vec<BufferPool> {
    fails_well("a socket", || UdpSocket::bind("127.0.0.1:0").map(drop).map_err(Box::from));
    fails_well("an unbound socket", || UdpSocket::unbound(Domain::V6).map(drop).map_err(Box::from));
    fails_well("a polled queue", || builder(choice, 64).polled().map(drop).map_err(Box::from));
    fails_well("a queue with an event", || {
        let mut queue = builder(choice, 64).event()?;
        queue.waker()?;
        queue.event()?;
        Ok(())
    });
    Vec::new()
}

fn ports_fail_well(choice: BackendChoice) -> Vec<BufferPool> {
    let make = || CompletionPort::builder().backend(choice).build();
    let port = make().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    fails_well("a queue on a port", || builder(choice, 64).on(&port, 0).map(drop).map_err(Box::from));
    fails_well("a port with a socket", || make()?.associate_udp(&socket, 1).map(drop).map_err(Box::from));
    fails_well("a port with a stream", || make()?.stream(Domain::V4, 1).map(drop).map_err(Box::from));
    Vec::new()
}

fn servers_fail_well(choice: BackendChoice) -> Vec<BufferPool> {
    let client = plain();
    for way in ways().into_iter().filter(|way| way.backend == choice) {
        fails_well(&way.to_string(), || {
            let server = way.try_bind("127.0.0.1:0")?.start(|datagram| datagram.reply())?;
            client.send_to(b"enough", server.local_addr())?;
            assert_eq!(next(&client).0, b"enough", "{way}");
            Ok(server.stop().map(drop)?)
        });
    }
    Vec::new()
}

fn what_exists_works_on(choice: BackendChoice) -> Vec<BufferPool> {
    let mut rig = Rig::new(choice, limits(64, 64));
    let server = ringport::UdpServer::bind("127.0.0.1:0").unwrap().backend(choice);
    let server = server.start(|datagram| datagram.reply()).unwrap();
    let taken = allow(0);
    UdpSocket::bind("127.0.0.1:0").unwrap_err();
    rig.queue.event().unwrap_err();
    for number in 0..64 {
        rig.post(number..number + 1);
        rig.arrive(b"still");
        let completion = rig.take_one();
        assert_eq!(bytes(&completion), b"still");
        rig.requests.send_to(completion.into_unique().unwrap(), rig.client_address(), 0).unwrap();
        assert_eq!(rig.reply(), b"still");
        rig.take_one();
        rig.client.send_to(b"served", server.local_addr()).unwrap();
        assert_eq!(next(&rig.client).0, b"served");
    }
    drop(taken);
    rig.queue.event().unwrap();
    assert_eq!(server.stop().unwrap().counters.total.datagrams, 64);
    vec![rig.pool.clone()]
}
