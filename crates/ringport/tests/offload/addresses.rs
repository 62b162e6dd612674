//! Answers to runs leave from the address that was asked, whichever way they leave.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ringport::Datagram;

use crate::rig::offloaded;
use crate::source::{Source, can_run, pattern};
use crate::ways::{Way, ways};

const SIZE: usize = 50;
/// What is done with each datagram of a run: alone, joined, with a length of its own, behind the run, in a slice of
/// its own, and kept between.
const KINDS: &[u8] = b"r-rrsklwwrrr";
/// Of these answers a run has room for six behind it.
const LONG: usize = 10_000;

fn answer(mut datagram: Datagram<'_>) {
    match datagram.payload()[0] {
        b'r' => datagram.reply(),
        b's' => datagram.reply_len(SIZE / 2).unwrap(),
        b'k' => drop(datagram.keep()),
        b'l' => {
            datagram.slice_mut()[SIZE..SIZE + 3].fill(b'l');
            datagram.reply_len(SIZE + 3).unwrap();
        }
        b'w' => datagram.reply_with(&[b'w'; LONG]).unwrap(),
        _ => {}
    }
}

fn expected(question: &[u8]) -> Option<Vec<u8>> {
    match question[0] {
        b'r' => Some(question.to_vec()),
        b's' => Some(question[..SIZE / 2].to_vec()),
        b'l' => Some([question, b"lll"].concat()),
        b'w' => Some(vec![b'w'; LONG]),
        _ => None,
    }
}

/// Asks a server on `bound` at `asked`: who answers?
fn ask(way: Way, bound: &str, source: &str, asked: IpAddr, answers: IpAddr) {
    let server = offloaded(way, bound).slice_size(LONG).start(answer).unwrap();
    let port = server.local_addr().port();
    let source = Source::at(source);
    source.may_broadcast();
    for round in 0..4 {
        let kinds = KINDS.repeat(round + 1);
        let mut run = pattern(kinds.len() * SIZE, round);
        run.chunks_mut(SIZE).zip(kinds).for_each(|(datagram, kind)| datagram[0] = kind);
        source.run(&run, SIZE, (asked, port).into());
        for (number, expected) in run.chunks(SIZE).filter_map(expected).enumerate() {
            let (came, from) = source.receive_from();
            assert!(came == expected, "{way}, {asked}: {number} of {round}");
            assert_eq!(from, SocketAddr::new(answers, port), "{way}, {asked}: {number} of {round}");
        }
    }
    let total = server.stop().unwrap().counters.total;
    assert_eq!((total.runs, total.replies_dropped), (4, 0), "{way}, {asked}");
}

#[test]
fn on_all_addresses_each_answer_leaves_from_the_one_that_was_asked() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let asked = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77));
        ask(way, "0.0.0.0:0", "127.0.0.1:0", asked, asked);
        if std::net::UdpSocket::bind("[::1]:0").is_err() {
            eprintln!("skipped: no IPv6 here");
            continue;
        }
        ask(way, "[::]:0", "127.0.0.1:0", asked, asked);
        let six = IpAddr::V6(Ipv6Addr::LOCALHOST);
        ask(way, "[::]:0", "[::1]:0", six, six);
    }
}

/// Nothing can leave from there, which only the system can tell.
#[test]
fn what_came_to_the_broadcast_address_of_a_network_is_answered_from_where_the_routes_say() {
    if !can_run() {
        return;
    }
    // Sharded, each socket gets it and answers.
    for way in ways().into_iter().filter(|way| !way.design.is_sharded()) {
        let everybody = IpAddr::V4(Ipv4Addr::new(127, 255, 255, 255));
        ask(way, "0.0.0.0:0", "127.0.0.1:0", everybody, Ipv4Addr::LOCALHOST.into());
    }
}
