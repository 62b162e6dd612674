//! Views that handlers keep for long: each holds its whole run, which the counters tell and the pool bounds, and a
//! copy holds none.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};

use ringport::server::Running;

use crate::common::{PATIENCE, until};
use crate::rig::offloaded;
use crate::script::Taken;
use crate::source::{Source, can_run, pattern};
use crate::ways::{Way, ways};

/// Datagrams of a run, and bytes of each.
const COUNT: usize = 8;
const SIZE: usize = 300;
/// Slices of a server that has two in the beginning.
const SLICES: usize = 16;
/// More runs than any of these servers has slices.
const RUNS: usize = 80;

/// A server that takes a datagram along if it begins with `k`, copies it if with `c`, and answers if with `r`.
fn keeper(way: Way, pending: usize) -> (Running, Receiver<Taken>) {
    let (give, take) = channel();
    let server = offloaded(way, "127.0.0.1:0").threads(1).pending(pending);
    let running = server.start(move |datagram| match datagram.payload().first() {
        Some(b'k') => give.send(Taken::View(datagram.keep())).unwrap(),
        Some(b'c') => give.send(Taken::Copy(datagram.copy_out().unwrap())).unwrap(),
        Some(b'r') => datagram.reply(),
        _ => {}
    });
    (running.unwrap(), take)
}

/// A run that keeps, copies, answers or drops each of its datagrams.
fn run_of(letters: &[u8; COUNT], salt: usize) -> Vec<u8> {
    let mut bytes = pattern(COUNT * SIZE, salt);
    bytes.chunks_mut(SIZE).zip(letters).for_each(|(datagram, letter)| datagram[0] = *letter);
    bytes
}

/// Takes the answers to a run.
fn answered(source: &Source, bytes: &[u8], way: Way) {
    for datagram in bytes.chunks(SIZE).filter(|datagram| datagram[0] == b'r') {
        assert!(source.receive() == datagram, "{way}: not the answer");
    }
}

/// Waits until so many slices are held. A thread that sleeps has not taken the completions of its last sends, which
/// count as posted: so there is always one more batch.
fn settles(way: Way, server: &Running, source: &Source, slices: usize) {
    // A thread that receives with a blocking call has a slice in hand.
    let expected = slices + usize::from(!way.design.has_backend());
    until(&format!("{way}: {slices} slices held"), || {
        let before = server.handle().counters().total.datagrams;
        source.send(b"s", server.local_addr());
        until("one more", || (server.handle().counters().total.datagrams > before).then_some(()));
        (server.handle().counters().slices_held == expected).then_some(())
    });
}

#[test]
fn a_view_holds_its_slice_as_it_was_while_all_others_go_round() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let (server, taken) = keeper(way, 2);
        let source = Source::new();
        // In the middle, first, last, and several of one run.
        let kept: Vec<_> = [b"rrkrrrrr", b"krrrrrrr", b"rrrrrrrk", b"rkrkkrrk"]
            .into_iter()
            .enumerate()
            .map(|(salt, letters)| {
                let bytes = run_of(letters, salt);
                source.run(&bytes, SIZE, server.local_addr());
                answered(&source, &bytes, way);
                bytes
            })
            .collect();
        let expected: Vec<_> =
            kept.iter().flat_map(|run| run.chunks(SIZE)).filter(|one| one[0] == b'k').collect();
        let mut views: VecDeque<_> = expected.iter().map(|_| taken.recv_timeout(PATIENCE).unwrap()).collect();
        settles(way, &server, &source, 4);
        for salt in 0..3 * SLICES {
            let bytes = run_of(b"rsrrrrsr", salt);
            source.run(&bytes, SIZE, server.local_addr());
            answered(&source, &bytes, way);
        }
        for (view, expected) in views.iter().zip(&expected) {
            assert!(view.bytes() == *expected, "{way}: a kept datagram has changed");
        }
        // The last run is held until the last of its four views is gone.
        views.drain(..3);
        settles(way, &server, &source, 1);
        views.drain(..3);
        settles(way, &server, &source, 1);
        views.clear();
        settles(way, &server, &source, 0);
        assert_eq!(server.stop().unwrap().counters.total.pool_waits, 0, "{way}");
    }
}

#[test]
fn with_all_slices_held_the_server_waits_for_one_and_goes_on() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let (server, taken) = keeper(way, 2);
        let source = Source::new();
        // One datagram of each run is kept, until there is no slice to receive the next one into.
        for salt in 0..RUNS {
            source.run(&run_of(b"srsskssr", salt), SIZE, server.local_addr());
        }
        let mut views = Vec::new();
        until("a receive that waits for a slice", || {
            views.extend(taken.try_iter());
            (server.handle().counters().total.pool_waits > 0).then_some(())
        });
        // They come back from another thread than the server's.
        let mut seen = views.drain(..).len();
        for salt in 0..RUNS {
            answered(&source, &run_of(b"srsskssr", salt), way);
            seen += taken.try_iter().count();
        }
        assert_eq!(seen, RUNS, "{way}");
        server.stop().unwrap();
    }
}

#[test]
fn a_copy_holds_no_slice_for_runs() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let (server, taken) = keeper(way, 2);
        let source = Source::new();
        let mut copies = Vec::new();
        for salt in 0..2 * SLICES {
            let bytes = run_of(b"rcrrcrrc", salt);
            source.run(&bytes, SIZE, server.local_addr());
            answered(&source, &bytes, way);
            for datagram in bytes.chunks(SIZE).filter(|datagram| datagram[0] == b'c') {
                copies.push((taken.recv_timeout(PATIENCE).unwrap(), datagram.to_vec()));
            }
        }
        assert!(copies.iter().all(|(copy, datagram)| copy.bytes() == datagram), "{way}");
        settles(way, &server, &source, 0);
        assert_eq!(server.stop().unwrap().counters.total.pool_waits, 0, "{way}");
        assert!(
            copies.iter().all(|(copy, datagram)| copy.bytes() == datagram),
            "{way}: they outlive the server"
        );
    }
}

/// Views that another thread lets go of while answers of the same slices are on their way: the last of all gives the
/// slice back, once.
#[test]
fn views_that_go_while_answers_leave_lose_no_slice() {
    if !can_run() {
        return;
    }
    for way in ways() {
        let (server, taken) = keeper(way, 2);
        let dropping = std::thread::spawn(move || taken.into_iter().count());
        let source = Source::new();
        for salt in 0..300 {
            let bytes = run_of([b"rrkrrkrr", b"krrrrrrk", b"rskskssr"][salt % 3], salt);
            source.run(&bytes, SIZE, server.local_addr());
            answered(&source, &bytes, way);
        }
        settles(way, &server, &source, 0);
        let total = server.stop().unwrap().counters.total;
        assert_eq!((total.runs, total.replies_dropped), (300, 0), "{way}");
        assert_eq!(dropping.join().unwrap(), 600, "{way}");
    }
}
