//! Marks of congestion, times of arrival, replies with marks of their own, and datagrams that are not to be cut: in
//! every design, for single datagrams and for each of a run.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc;
use std::time::SystemTime;

use ringport::net::{ControlBuffer, Ecn, gso_supported};
use ringport::{UdpServer, UdpSocket};

use crate::families::has_v6;
use crate::loopback::{receive, send};
use crate::system::lacked_by_wine;
use crate::ways::{Way, ways};

const MARKS: [Ecn; 4] = [Ecn::Capable0, Ecn::CongestionExperienced, Ecn::NotCapable, Ecn::Capable1];
/// What the answers to the datagrams of a run leave with, by turns.
const ANSWERS: [Option<Ecn>; 6] = [
    None,
    Some(Ecn::Capable0),
    Some(Ecn::Capable0),
    None,
    Some(Ecn::CongestionExperienced),
    Some(Ecn::NotCapable),
];
/// Datagrams of a run, the last one shorter, and the bytes of the others.
const RUN: usize = 12;
const SEGMENT: usize = 50;

/// Where a server is bound, and how a client reaches it.
const PLACES: [(&str, &str, &str); 5] = [
    ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"),
    ("0.0.0.0:0", "127.0.0.1:0", "127.0.0.2"),
    ("[::1]:0", "[::1]:0", "::1"),
    ("[::]:0", "[::1]:0", "::1"),
    ("[::]:0", "127.0.0.1:0", "127.0.0.2"),
];

fn places() -> impl Iterator<Item = (&'static str, &'static str, IpAddr)> {
    let v6 = has_v6();
    if !v6 {
        eprintln!("skipped IPv6: this machine has none on its loopback interface");
    }
    let places = PLACES.into_iter().filter(move |(bound, ..)| v6 || !bound.starts_with('['));
    places.map(|(bound, client, target)| (bound, client, target.parse().unwrap()))
}

/// A client that sees the marks of what it gets.
fn client(address: &str) -> UdpSocket {
    let client = UdpSocket::bind(address).unwrap();
    client.ecn(true).unwrap();
    client
}

/// Sends a run, each of whose datagrams is full of its number.
fn send_run(from: &UdpSocket, to: SocketAddr, mark: Ecn) {
    let mut bytes: Vec<u8> = (0..RUN * SEGMENT).map(|index| (index / SEGMENT) as u8).collect();
    bytes.pop();
    let mut control = ControlBuffer::new();
    control.ecn(mark).unwrap();
    if gso_supported() {
        control.segment_size(SEGMENT as u16).unwrap();
        send(from, to, &bytes, &control).unwrap();
    } else {
        bytes.chunks(SEGMENT).for_each(|datagram| _ = send(from, to, datagram, &control).unwrap());
    }
}

/// A server that tells what each datagram says, and answers by turns.
fn server(
    way: Way,
    bound: &str,
    set_up: impl Fn(UdpServer) -> UdpServer,
) -> (Told, ringport::server::Running) {
    let (tell, told) = mpsc::channel();
    let server = set_up(way.bind(bound)).start(move |mut datagram| {
        let number = datagram.payload()[0];
        tell.send((number, datagram.ecn(), datagram.received_at())).unwrap();
        if let Some(ecn) = ANSWERS[usize::from(number) % ANSWERS.len()] {
            datagram.mark_reply(ecn);
        }
        datagram.reply();
    });
    (told, server.unwrap_or_else(|error| panic!("{way}: {error}")))
}

type Told = mpsc::Receiver<(u8, Option<Ecn>, Option<SystemTime>)>;

/// Takes the answers to a run: each is its datagram with the mark of its turn, from where it was asked.
fn take_answers(client: &UdpSocket, target: SocketAddr, way: Way) {
    let mut answers = BTreeMap::new();
    for _ in 0..RUN {
        let answer = receive(client);
        assert_eq!(answer.peer, target, "{way}");
        answers.insert(answer.bytes[0], (answer.bytes.clone(), answer.control().ecn()));
    }
    for (number, (bytes, ecn)) in answers {
        let length = SEGMENT - usize::from(usize::from(number) == RUN - 1);
        assert_eq!(bytes, vec![number; length], "{way}");
        let expected = ANSWERS[usize::from(number) % ANSWERS.len()].unwrap_or(Ecn::NotCapable);
        assert_eq!(ecn, Some(expected), "{way}: {number}");
    }
}

#[test]
fn each_datagram_tells_its_mark_and_its_time_and_each_answer_has_its_own() {
    if lacked_by_wine("times of datagrams, and no control data of sends") {
        return;
    }
    for way in ways() {
        for (bound, from, target) in places() {
            let (told, server) = server(way, bound, |server| server.ecn(true).timestamps(true));
            let client = client(from);
            let target = SocketAddr::new(target, server.local_addr().port());
            for mark in MARKS {
                let before = SystemTime::now();
                send_run(&client, target, mark);
                take_answers(&client, target, way);
                let after = SystemTime::now();
                for _ in 0..RUN {
                    let (number, ecn, time) = told.recv().unwrap();
                    assert_eq!(ecn, Some(mark), "{way} at {bound}: {number}");
                    let time = time.unwrap_or_else(|| panic!("{way} at {bound}: no time"));
                    assert!(before <= time && time <= after, "{way}: {before:?} {time:?} {after:?}");
                }
            }
            let report = server.stop().unwrap();
            assert_eq!(report.counters.total.replies_sent, (MARKS.len() * RUN) as u64, "{way}");
        }
    }
}

#[test]
fn each_is_told_when_and_only_when_it_was_asked_for() {
    if lacked_by_wine("times of datagrams, and no control data of sends") {
        return;
    }
    for way in ways() {
        for (ecn, timestamps) in [(false, false), (true, false), (false, true)] {
            let (told, server) = server(way, "127.0.0.1:0", |server| server.ecn(ecn).timestamps(timestamps));
            let client = client("127.0.0.1:0");
            send_run(&client, server.local_addr(), Ecn::Capable0);
            take_answers(&client, server.local_addr(), way);
            for _ in 0..RUN {
                let (_, told_ecn, time) = told.recv().unwrap();
                assert_eq!((told_ecn.is_some(), time.is_some()), (ecn, timestamps), "{way}");
            }
            server.stop().unwrap();
        }
    }
}

#[test]
fn a_longer_answer_has_its_mark_too() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        let server = way.start(|mut datagram| {
            datagram.mark_reply(Ecn::CongestionExperienced);
            let long = datagram.payload().repeat(3);
            datagram.reply_with(&long).unwrap();
        });
        let client = client("127.0.0.1:0");
        send_run(&client, server.local_addr(), Ecn::NotCapable);
        for _ in 0..RUN {
            let answer = receive(&client);
            assert_eq!(answer.control().ecn(), Some(Ecn::CongestionExperienced), "{way}");
            let length = 3 * (SEGMENT - usize::from(usize::from(answer.bytes[0]) == RUN - 1));
            assert_eq!(answer.bytes, vec![answer.bytes[0]; length], "{way}");
        }
        server.stop().unwrap();
    }
}

#[test]
fn an_answer_keeps_its_mark_where_it_may_not_leave_from_where_it_was_asked() {
    if lacked_by_wine("control data of sends") {
        return;
    }
    for way in ways() {
        let server = way.bind("0.0.0.0:0").start(|mut datagram| {
            datagram.mark_reply(Ecn::Capable1);
            datagram.reply();
        });
        let server = server.unwrap();
        let client = client("127.0.0.1:0");
        client.to_std().unwrap().set_broadcast(true).unwrap();
        let everybody = SocketAddr::new("127.255.255.255".parse().unwrap(), server.local_addr().port());
        if let Err(error) = send(&client, everybody, b"anybody?", &ControlBuffer::new()) {
            return eprintln!("skipped: no broadcast here: {error}");
        }
        let answer = receive(&client);
        assert_eq!((&answer.bytes[..], answer.control().ecn()), (&b"anybody?"[..], Some(Ecn::Capable1)));
        assert_ne!(answer.peer, everybody, "{way}");
        server.stop().unwrap();
    }
}

#[test]
fn an_answer_that_may_not_be_cut_is_dropped_alone_where_it_does_not_fit() {
    if lacked_by_wine("way to keep datagrams whole") {
        return;
    }
    if !has_v6() {
        // Over IPv4 the loopback interface takes whatever a datagram can have.
        return eprintln!("skipped: this machine has no IPv6 on its loopback interface");
    }
    const FITS: usize = 65_536 - 48;
    for way in ways() {
        for whole in [true, false] {
            let server = way.bind("[::1]:0").slice_size(65_536).socket_buffer(1 << 20).pending(8);
            let server = server.dont_fragment(whole).start(|datagram| {
                let length = usize::from(u16::from_ne_bytes([datagram.payload()[0], datagram.payload()[1]]));
                datagram.reply_with(&vec![7; length]).unwrap();
            });
            let server = server.unwrap_or_else(|error| panic!("{way}: {error}"));
            let client = client("[::1]:0");
            let ask = |length: usize| {
                let length = (length as u16).to_ne_bytes();
                send(&client, server.local_addr(), &length, &ControlBuffer::new()).unwrap();
            };
            for _ in 0..3 {
                ask(FITS);
                assert_eq!(receive(&client).bytes.len(), FITS, "{way}");
                ask(FITS + 1);
                if !whole {
                    assert_eq!(receive(&client).bytes.len(), FITS + 1, "{way}");
                }
                ask(10);
                assert_eq!(receive(&client).bytes.len(), 10, "{way}");
            }
            let pushed = server.sender().send_copy(client.local_addr().unwrap(), &vec![7; FITS + 1]);
            match pushed {
                Err(ringport::server::SendError::TooLarge) if whole => {}
                Ok(()) if !whole => {}
                other => panic!("{way}: {other:?}"),
            }
            let total = server.stop().unwrap().counters.total;
            let dropped = if whole { 3 } else { 0 };
            assert_eq!((total.replies_sent, total.replies_dropped), (9 - dropped, dropped), "{way}");
            assert_eq!((total.datagrams, total.unreachable), (9, 0), "{way}");
        }
    }
}
