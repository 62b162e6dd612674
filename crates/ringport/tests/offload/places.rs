//! More answers than there are places for sends: none is lost while the socket takes them, and the order of each peer
//! stays.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use crate::rig::in_order;
use crate::source::{Source, can_run};
use crate::ways::{registered_ways, ways};

/// Datagrams of a run; each is answered with a length of its own, so no two can leave as one message.
const COUNT: usize = 64;
const SIZE: usize = 90;

fn run_of(peer: usize, run: usize) -> Vec<u8> {
    (0..COUNT)
        .flat_map(|number| [[peer as u8, run as u8, number as u8].as_slice(), &[9; SIZE - 3]].concat())
        .collect()
}

/// All runs are there before the first datagram is handled, so they come in as few batches as may be.
fn crowd(pending: usize, peers: usize, runs: usize, behind: bool) {
    for way in ways() {
        let (open, gate) = channel::<()>();
        let gate = Mutex::new(gate);
        let server = in_order(way, way.server()).receive_offload(true).pending(pending);
        let server = server.start(move |mut datagram| {
            if datagram.payload() == b"wait" {
                let _ = gate.lock().unwrap().recv();
                return;
            }
            let number = usize::from(datagram.payload()[2]);
            let length = if behind { SIZE + 1 + number } else { 3 + number };
            if behind {
                datagram.slice_mut()[SIZE..length].fill(7);
            }
            datagram.reply_len(length).unwrap();
        });
        let server = server.unwrap();
        let sources: Vec<_> = (0..peers).map(|_| Source::new()).collect();
        sources[0].send(b"wait", server.local_addr());
        for run in 0..runs {
            for (peer, source) in sources.iter().enumerate() {
                source.run(&run_of(peer, run), SIZE, server.local_addr());
            }
        }
        drop(open);
        for run in 0..runs {
            for (peer, source) in sources.iter().enumerate() {
                for (number, question) in run_of(peer, run).chunks(SIZE).enumerate() {
                    let answer = if behind {
                        [question, &vec![7; 1 + number]].concat()
                    } else {
                        question[..3 + number].to_vec()
                    };
                    let came = source.receive();
                    assert!(came == answer, "{way}: {number} of {run} of {peer}: {} bytes", came.len());
                }
            }
        }
        let total = server.stop().unwrap().counters.total;
        let all = (peers * runs * COUNT) as u64;
        let counted = (total.replies_promised, total.replies_sent, total.replies_dropped);
        assert_eq!(counted, (all, all, 0), "{way}, {pending} posted");
        assert!(sources.iter().all(Source::is_empty), "{way}: an answer too many");
    }
}

#[test]
fn a_run_whose_answers_do_not_join_may_have_more_of_them_than_places() {
    if can_run() {
        crowd(1, 1, 2, false);
        crowd(1, 1, 2, true);
    }
}

#[test]
fn many_runs_of_a_batch_too() {
    if can_run() {
        crowd(8, 3, 4, false);
        crowd(8, 3, 4, true);
    }
}

/// Completed answers that nobody was told of hold all places while the next run is answered, so that one leaves without
/// a place, and without a completion: its slice has to come back all the same.
#[test]
fn a_slice_all_of_whose_answers_found_no_place_serves_again() {
    const RUNS: usize = 24;
    if !can_run() {
        return;
    }
    for way in registered_ways() {
        let (open, gate) = channel::<()>();
        let gate = Mutex::new(gate);
        let server = in_order(way, way.server()).receive_offload(true).pending(1).max_results(1);
        let server = server.start(move |datagram| {
            if datagram.payload() == b"wait" {
                let _ = gate.lock().unwrap().recv();
                return;
            }
            match (datagram.payload()[1] % 2, usize::from(datagram.payload()[2])) {
                // Another slice is posted for this one, which is the receive that tells of silent answers.
                (0, 0) => drop(datagram.keep()),
                (_, 0) => {}
                (_, number) => datagram.reply_len(3 + number).unwrap(),
            }
        });
        let server = server.unwrap();
        let source = Source::new();
        source.send(b"wait", server.local_addr());
        // The next run is there as soon as the slice is posted, and before the answers have left.
        (0..RUNS).for_each(|run| source.run(&run_of(0, run), SIZE, server.local_addr()));
        drop(open);
        for run in 0..RUNS {
            for (number, question) in run_of(0, run).chunks(SIZE).enumerate().skip(1) {
                assert!(source.receive() == question[..3 + number], "{way}: {number} of {run}");
            }
        }
        server.stop().unwrap();
    }
}
