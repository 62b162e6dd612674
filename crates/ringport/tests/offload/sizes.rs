//! Runs of every size and count: the handler sees each datagram once, in order, and who sent it to whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ringport::server::ThreadCounters;

use crate::rig::{Recorder, Seen, offloaded};
use crate::source::{LARGEST, MOST, Source, can_run, pattern};
use crate::ways::{Way, ways};

const SIZES: [usize; 12] = [1, 2, 63, 64, 100, 512, 1200, 1472, 8000, 9000, 20_000, 32_000];

/// Who sends to whom.
struct Route {
    bound: &'static str,
    source: &'static str,
    to: IpAddr,
    /// What the handler is told of both.
    peer: IpAddr,
    local: IpAddr,
}

const FOUR: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const MAPPED: IpAddr = IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped());

/// Sends runs and compares what is seen, and what is counted.
struct Trial {
    recorder: Recorder,
    source: Source,
    route: Route,
    expected: ThreadCounters,
    name: String,
}

impl Trial {
    fn new(way: Way, route: Route) -> Trial {
        // No datagram is too long for it; what is cut off is tried elsewhere.
        let recorder = Recorder::start(offloaded(way, route.bound).slice_size(40_000));
        let source = Source::at(route.source);
        Trial { recorder, source, route, expected: ThreadCounters::default(), name: way.to_string() }
    }

    /// Datagrams of `size` bytes, but for the last one.
    fn run(&mut self, size: usize, count: usize, last: usize) {
        let bytes = pattern(size * (count - 1) + last, self.expected.datagrams as usize);
        let port = self.recorder.port();
        self.source.run(&bytes, size, (self.route.to, port).into());
        for (number, datagram) in bytes.chunks(size).enumerate() {
            let peer = SocketAddr::new(self.route.peer, self.source.address().port());
            let local = SocketAddr::new(self.route.local, port);
            let expected = Seen { peer, local, truncated: false, bytes: datagram.to_vec() };
            let seen = self.recorder.next();
            assert!(seen == expected, "{}: {number} of {count} of {size}: {seen:?}", self.name);
        }
        self.expected.datagrams += count as u64;
        self.expected.bytes += bytes.len() as u64;
        self.expected.runs += u64::from(count > 1);
    }

    fn end(self) {
        let total = self.recorder.stop();
        let expected = self.expected;
        let figures = |of: &ThreadCounters| (of.datagrams, of.bytes, of.runs, of.truncated, of.failed);
        assert_eq!(figures(&total), figures(&expected), "{}", self.name);
        assert_eq!(total.results.total, expected.datagrams, "{}", self.name);
    }
}

#[test]
fn each_datagram_of_a_run_of_any_size_and_count_is_seen_once_and_in_order() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let route = Route { bound: "127.0.0.1:0", source: "127.0.0.1:0", to: FOUR, peer: FOUR, local: FOUR };
        let mut trial = Trial::new(way, route);
        for size in SIZES {
            for count in (1..=MOST).take_while(|count| size * count <= LARGEST) {
                // Odd ones, a single byte, one byte less, and none missing.
                let last = [size, 1, size - 1, size / 2 + 1][(size + count) % 4];
                trial.run(size, count, last.clamp(1, size));
            }
        }
        trial.end();
    }
}

#[test]
fn twice_as_many_where_the_kernel_sends_them() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let route = Route { bound: "127.0.0.1:0", source: "127.0.0.1:0", to: FOUR, peer: FOUR, local: FOUR };
        let mut trial = Trial::new(way, route);
        let probe = Source::new();
        if probe.try_run(&[0; 2 * MOST], 1, probe.address()).is_err() {
            return eprintln!("skipped: this kernel sends at most {MOST} datagrams at a time");
        }
        for size in [1, 2, 100, 511] {
            for last in [size, 1] {
                trial.run(size, 2 * MOST, last);
            }
        }
        trial.end();
    }
}

#[test]
fn over_ipv6_and_on_sockets_of_both_families_too() {
    if !can_run() {
        return;
    }
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        return eprintln!("skipped: no IPv6 here");
    }
    for way in ways() {
        let six = Route { bound: "[::1]:0", source: "[::1]:0", to: SIX, peer: SIX, local: SIX };
        let any = Route { bound: "[::]:0", source: "[::1]:0", to: SIX, peer: SIX, local: SIX };
        let four = Route { bound: "[::]:0", source: "127.0.0.1:0", to: FOUR, peer: MAPPED, local: MAPPED };
        let other = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9));
        let elsewhere =
            Route { bound: "0.0.0.0:0", source: "127.0.0.1:0", to: other, peer: FOUR, local: other };
        for route in [six, any, four, elsewhere] {
            let mut trial = Trial::new(way, route);
            for (size, count, last) in [(1, 64, 1), (64, 33, 5), (1452, 40, 1451), (20_000, 3, 1), (9, 1, 9)]
            {
                trial.run(size, count, last);
            }
            trial.end();
        }
    }
}
