//! Many peers at a time, each with sizes of its own, plain and empty datagrams between the runs, and some that are too
//! long for the server: what it is with offload, it is without.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use ringport::server::ThreadCounters;

use crate::common::Random;
use crate::rig::{Recorder, in_order};
use crate::source::{MOST, Source, can_run, pattern};
use crate::ways::{Way, ways};

const PEERS: usize = 8;
const ROUNDS: usize = 12;
/// What the peers send before all of it is looked at: no more than the smallest socket holds.
const MESSAGES: usize = 16;
const BYTES: usize = 8_000;

/// Sends the same to each server, whose datagrams have up to `longest` bytes.
fn flows(way: Way, offload: bool, longest: usize, seed: u64) -> ThreadCounters {
    let server = in_order(way, way.server()).receive_offload(offload).slice_size(longest);
    let recorder = Recorder::start(server);
    let to = recorder.server.local_addr();
    let mut random = Random::new(seed);
    let sources: Vec<Source> = (0..PEERS).map(|_| Source::new()).collect();
    for round in 0..ROUNDS {
        let mut expected: HashMap<SocketAddr, VecDeque<Vec<u8>>> = HashMap::new();
        let mut left = 0;
        for message in 0..MESSAGES {
            let source = &sources[random.below(PEERS)];
            let around = [1, longest, 3 * longest, 1400][random.below(4)].clamp(1, BYTES);
            let size = 1 + random.below(around);
            let most = (BYTES / size).clamp(1, MOST);
            let length = match random.below(4) {
                0 => 0,
                1 => random.below(size + 1),
                _ => size * random.below(most) + 1 + random.below(size),
            };
            let bytes = pattern(length, round * MESSAGES + message);
            source.run(&bytes, size, to);
            let datagrams = if bytes.is_empty() { vec![Vec::new()] } else { cut(&bytes, size) };
            left += datagrams.len();
            expected.entry(source.address()).or_default().extend(datagrams);
        }
        for _ in 0..left {
            let seen = recorder.next();
            let sent = expected.get_mut(&seen.peer).and_then(VecDeque::pop_front);
            let sent = sent.expect("nothing more of this peer");
            let kept = &sent[..sent.len().min(longest)];
            assert!(seen.bytes == kept, "{way}, {longest}: {} of {} bytes", seen.bytes.len(), sent.len());
            assert_eq!((seen.truncated, seen.local), (sent.len() > longest, to), "{way}, {longest}");
        }
    }
    recorder.stop()
}

fn cut(bytes: &[u8], size: usize) -> Vec<Vec<u8>> {
    bytes.chunks(size).map(<[u8]>::to_vec).collect()
}

#[test]
fn mixed_flows_are_the_same_with_and_without_offload() {
    if !can_run() {
        return;
    }
    for way in ways() {
        for longest in [1, 2, 100, 2048, 65_536] {
            let with = flows(way, true, longest, longest as u64);
            let without = flows(way, false, longest, longest as u64);
            let figures = |of: &ThreadCounters| (of.datagrams, of.bytes, of.truncated, of.failed);
            assert_eq!(figures(&with), figures(&without), "{way}, {longest}");
            assert!(with.runs > 20 && without.runs == 0, "{way}: {} and {}", with.runs, without.runs);
        }
    }
}

/// A run of datagrams that are all too long, and one whose last one alone is not.
#[test]
fn each_datagram_of_a_run_is_cut_off_where_it_would_be_alone() {
    if !can_run() {
        return;
    }
    for way in ways() {
        for longest in [1, 7, 2048] {
            let server = in_order(way, way.server()).receive_offload(true).slice_size(longest);
            let recorder = Recorder::start(server);
            let source = Source::new();
            let mut truncated = 0;
            for (size, count, last) in
                [(longest + 1, 5, longest + 1), (longest + 1, 5, 1), (longest, 5, longest), (4000, 16, 2049)]
            {
                let bytes = pattern(size * (count - 1) + last, size);
                source.run(&bytes, size, recorder.server.local_addr());
                for sent in bytes.chunks(size) {
                    let seen = recorder.next();
                    let kept = &sent[..sent.len().min(longest)];
                    assert_eq!(
                        (seen.bytes.as_slice(), seen.truncated),
                        (kept, sent.len() > longest),
                        "{way}"
                    );
                    truncated += u64::from(seen.truncated);
                }
            }
            let total = recorder.stop();
            assert_eq!((total.truncated, total.runs), (truncated, 4), "{way}");
        }
    }
}
