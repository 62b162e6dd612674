//! Request queues without a server: the segments of runs are the datagrams that single receives get.

use ringport::{BackendChoice, UdpSocket};

use crate::common::Random;
use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits, pool};
use crate::source::{MOST, Source, can_run, pattern};

on_each_backend!(
    segments_are_what_single_receives_get,
    a_slice_too_short_for_a_run_has_its_first_segments,
    a_receive_that_failed_or_has_no_bytes,
);

const RECEIVES: u32 = 256;

/// What one socket gets of some random traffic.
fn received(choice: BackendChoice, offload: bool, seed: u64) -> Vec<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.receive_offload(offload).unwrap();
    let mut rig = Rig::with_socket(choice, limits(RECEIVES, 0), socket);
    rig.pool = pool(65_536, RECEIVES as usize);
    let mut random = Random::new(seed);
    let sources = [(); 3].map(|()| Source::new());
    let (mut all, mut posted, mut runs) = (Vec::new(), 0, 0);
    for round in 0..40 {
        while posted < RECEIVES {
            rig.requests.receive_from(rig.pool.take().unwrap(), 0).unwrap();
            posted += 1;
        }
        let size = 1 + random.below([4, 200, 2000, 30_000][round % 4]);
        let count = 1 + random.below(MOST.min(60_000 / size));
        let last = random.below(size + 1);
        let bytes = pattern(size * (count - 1) + if count > 1 { last.max(1) } else { last }, round);
        let source = &sources[random.below(3)];
        source.run(&bytes, size, rig.address);
        let expected: Vec<_> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        let expected = if bytes.is_empty() { vec![Vec::new()] } else { expected };
        let mut came = Vec::new();
        while came.len() < expected.len() {
            rig.queue.dequeue(&mut rig.completions);
            for completion in rig.completions.drain() {
                posted -= 1;
                assert_eq!(completion.peer(), Some(source.address()));
                let before = came.len();
                came.extend(completion.segments().map(<[u8]>::to_vec));
                assert_eq!(completion.segment_size().is_some(), came.len() - before > 1);
                runs += usize::from(completion.segment_size().is_some());
            }
        }
        assert!(came == expected, "{count} of {size}");
        all.extend(came);
    }
    assert_eq!(runs > 0, offload);
    all
}

fn segments_are_what_single_receives_get(choice: BackendChoice) {
    if can_run() {
        for seed in 0..4 {
            assert!(received(choice, true, seed) == received(choice, false, seed));
        }
    }
}

fn a_slice_too_short_for_a_run_has_its_first_segments(choice: BackendChoice) {
    if !can_run() {
        return;
    }
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.receive_offload(true).unwrap();
    let mut rig = Rig::with_socket(choice, limits(1, 0), socket);
    for slice in [1000, 950, 99, 1] {
        rig.pool = pool(slice, 1);
        rig.requests.receive_from(rig.pool.take().unwrap(), 0).unwrap();
        let bytes = pattern(2000, slice);
        Source::new().run(&bytes, 100, rig.address);
        let completion = rig.take_one();
        assert_eq!(completion.status(), ringport::Status::Truncated);
        assert!(completion.segments().eq(bytes[..slice].chunks(100)), "{slice}");
    }
}

fn a_receive_that_failed_or_has_no_bytes(choice: BackendChoice) {
    if !can_run() {
        return;
    }
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.receive_offload(true).unwrap();
    let mut rig = Rig::with_socket(choice, limits(2, 0), socket);
    rig.post(0..2);
    rig.arrive(b"");
    let empty = rig.take_one();
    assert_eq!((empty.segments().collect::<Vec<_>>(), empty.segment_size()), (vec![&b""[..]], None));
    rig.requests.cancel();
    let aborted = rig.take_one();
    assert_eq!(aborted.status(), ringport::Status::Aborted);
    assert_eq!(aborted.segments().count(), 0);
}
