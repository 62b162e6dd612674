//! A wire that leaves nothing together and cuts nothing, and that takes nothing for as long as nobody answers at its
//! other end: with offload on, a server over it is what it is without.
//!
//! On Linux only: it takes devices whose other end a test holds.
//!
//! ```text
//!   source, with the address of a neighbour ──► loopback, in runs ──► server ──► device without offload ──► the test
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::BorrowedFd;

use ringport::server::Running;
use ringport::{BackendChoice, UdpServer};

use crate::common::tap::{HERE, Tap, in_a_network};
use crate::common::{on_each_backend, until};
use crate::rig::in_order;
use crate::source::{Source, can_run, pattern};
use crate::ways::{Way, ways};

const COUNT: usize = 20;
const SIZE: usize = 200;
/// One may be larger than what the socket keeps; these are not.
const RUNS: usize = 5;

on_each_backend!(
    by super::everywhere:
    answers_leave_one_by_one,
    a_full_socket_loses_no_answer,
    what_finds_neither_room_nor_a_place_is_counted,
);

/// Every design of a backend, with a neighbour of its own. Those that have none come with epoll.
fn everywhere(test: &str, backend: BackendChoice, run: fn(&Tap, Way, Ipv4Addr)) {
    if !can_run() {
        return;
    }
    in_a_network(test, backend, |_, tap| {
        let ours = |way: &Way| {
            way.backend == backend || !way.design.has_backend() && backend == BackendChoice::Epoll
        };
        for (way, neighbour) in ways().into_iter().filter(ours).zip(2..) {
            run(tap, way, Ipv4Addr::new(10, 9, 0, neighbour));
        }
    });
}

/// A server with offload: as it comes, where it has that on.
fn bind(way: Way) -> UdpServer {
    let server = in_order(way, way.bind("0.0.0.0:0"));
    if way.design.is_registered() { server } else { server.receive_offload(true) }
}

impl Source {
    /// With an address that is not of this machine; only in a network namespace of our own.
    fn transparent(address: Ipv4Addr) -> Source {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
        socket.set_ip_transparent_v4(true).unwrap();
        socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
        Source(socket.into())
    }
}

fn server(way: Way) -> Running {
    bind(way).start(|datagram| datagram.reply()).unwrap()
}

fn answers_leave_one_by_one(tap: &Tap, way: Way, neighbour: Ipv4Addr) {
    let (server, source) = (server(way), Source::transparent(neighbour));
    let to: SocketAddr = (HERE, server.local_addr().port()).into();
    // The neighbour is known before the first run; the second time it is known that the device does not cut.
    source.send(b"hello", to);
    tap.answer_for(neighbour);
    assert_eq!(tap.datagram(), b"hello");
    for round in 0..2 {
        let bytes = pattern(COUNT * SIZE - 1, round);
        source.run(&bytes, SIZE, to);
        for (number, datagram) in bytes.chunks(SIZE).enumerate() {
            assert!(tap.datagram() == datagram, "{way}: {number} of {round}");
        }
    }
    let total = server.stop().unwrap().counters.total;
    let all = 1 + 2 * COUNT as u64;
    assert_eq!((total.datagrams, total.runs), (all, 2), "{way}");
    assert_eq!((total.replies_promised, total.replies_sent, total.replies_dropped), (all, all, 0), "{way}");
}

/// Has a server's socket keep as little as a socket can.
fn narrow(server: &Running) {
    let address = server.local_addr();
    let mut found = 0;
    for entry in std::fs::read_dir("/proc/self/fd").unwrap() {
        let number = entry.unwrap().file_name().to_str().unwrap().parse().unwrap();
        // SAFETY: the descriptor may have been closed meanwhile, which the calls below tell; nothing is done with it
        // otherwise.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let socket = socket2::SockRef::from(&descriptor);
        if socket.local_addr().is_ok_and(|of| of.as_socket() == Some(address)) {
            socket.set_send_buffer_size(1).unwrap();
            found += 1;
        }
    }
    assert!(found > 0);
}

fn a_full_socket_loses_no_answer(tap: &Tap, way: Way, neighbour: Ipv4Addr) {
    let (server, source) = (server(way), Source::transparent(neighbour));
    let to: SocketAddr = (HERE, server.local_addr().port()).into();
    narrow(&server);
    let runs: Vec<_> = (0..RUNS).map(|run| pattern(COUNT * SIZE, run)).collect();
    runs.iter().for_each(|bytes| source.run(bytes, SIZE, to));
    // A thread that sleeps has told what it handled, but not yet what its socket did.
    until("answers on their way", || {
        let total = server.handle().counters().total;
        (total.datagrams == (RUNS * COUNT) as u64 || total.sends_blocked > 0).then_some(())
    });
    tap.answer_for(neighbour);
    // Those that the system kept are passed by others, so they come in any order.
    let mut came: Vec<_> = runs.iter().flat_map(|bytes| bytes.chunks(SIZE)).map(|_| tap.datagram()).collect();
    let mut expected: Vec<_> = runs.iter().flat_map(|bytes| bytes.chunks(SIZE)).collect();
    came.sort();
    expected.sort();
    assert!(came == expected, "{way}");
    let total = server.stop().unwrap().counters.total;
    let all = (RUNS * COUNT) as u64;
    assert!(total.sends_blocked > 0, "{way}: the socket was not full");
    assert_eq!((total.replies_promised, total.replies_sent, total.replies_dropped), (all, all, 0), "{way}");
}

fn what_finds_neither_room_nor_a_place_is_counted(tap: &Tap, way: Way, neighbour: Ipv4Addr) {
    // Each answer has another length, and there is a place for fewer than one run has.
    let server = bind(way).pending(1).start(|datagram| {
        let length = SIZE - usize::from(datagram.payload()[0]);
        datagram.reply_len(length).unwrap();
    });
    let (server, source) = (server.unwrap(), Source::transparent(neighbour));
    let to: SocketAddr = (HERE, server.local_addr().port()).into();
    narrow(&server);
    let mut bytes = pattern(COUNT * SIZE, 0);
    bytes.chunks_mut(SIZE).zip(0..).for_each(|(datagram, number)| datagram[0] = number);
    (0..RUNS).for_each(|_| source.run(&bytes, SIZE, to));
    let all = (RUNS * COUNT) as u64;
    until("answers on their way", || {
        let total = server.handle().counters().total;
        // Without a queue each waits for room, and none is lost.
        let waits = !way.design.is_registered() && total.sends_blocked > 0;
        (total.replies_dropped > 0 || waits).then_some(())
    });
    tap.answer_for(neighbour);
    let total = std::thread::scope(|scope| {
        let stopped = scope.spawn(|| server.stop().unwrap().counters.total);
        (0..if way.design.is_registered() { 0 } else { all }).for_each(|_| drop(tap.datagram()));
        stopped.join().unwrap()
    });
    assert_eq!(total.replies_promised, all, "{way}");
    assert_eq!(total.replies_sent + total.replies_dropped, all, "{way}: {total:?}");
    let came = if way.design.is_registered() { total.replies_sent } else { 0 };
    (0..came).for_each(|_| drop(tap.datagram()));
    assert_eq!(total.replies_dropped > 0, way.design.is_registered(), "{way}");
}
