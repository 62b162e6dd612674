//! A datagram larger than its slices: told with the bytes delivered, and nothing is lost after it.

use ringport::queue::OperationError;
use ringport::{BackendChoice, ChainMut, Completion, Receive, Status};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits, pool};

on_each_backend!(
    a_single_slice_is_cut_and_says_so,
    a_chain_is_cut_at_its_end,
    whole_and_cut_datagrams_take_turns,
    the_largest_datagram_fits_or_is_cut,
);

fn kinds() -> [Receive; 2] {
    [Receive::new(), Receive::new().addresses()]
}

fn is_cut(completion: &Completion, delivered: usize) {
    assert_eq!((completion.status(), completion.bytes()), (Status::Truncated, delivered));
    assert!(completion.truncated());
    let told = completion.result().unwrap_err();
    assert!(matches!(told, OperationError::Truncated { delivered: bytes } if bytes == delivered), "{told}");
}

fn a_single_slice_is_cut_and_says_so(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 1));
    for (round, options) in (1..).zip(kinds()) {
        for (token, length) in [(0, 256), (1, 257), (2, 9000), (3, 1)] {
            rig.requests.receive_with(rig.marked(token), options, token).unwrap();
            rig.arrive(&vec![token as u8 + 1; length]);
        }
        let taken = rig.take(4);
        assert_eq!((taken[0].status(), taken[0].bytes()), (Status::Success, 256));
        is_cut(&taken[1], 256);
        is_cut(&taken[2], 256);
        assert_eq!((taken[3].status(), taken[3].bytes()), (Status::Success, 1));
        for (value, completion) in (1u8..).zip(&taken) {
            let buffer = completion.buffer().unwrap();
            assert_eq!(buffer.len(), completion.bytes());
            assert!(buffer.iter().all(|byte| *byte == value));
        }
        assert_eq!(rig.requests.counters().truncated, 2 * round);
    }
}

fn a_chain_is_cut_at_its_end(choice: BackendChoice) {
    let mut rig = Rig::new(choice, limits(4, 1));
    rig.pool = pool(10, 64);
    for options in kinds() {
        for (token, length) in [(0, 31), (1, 30), (2, 29), (3, 2000)] {
            let chain: ChainMut = (0..3).map(|_| rig.pool.take().unwrap()).collect();
            rig.requests.receive_with(chain, options, token).unwrap();
            rig.arrive(&vec![b'x'; length]);
        }
        let taken = rig.take(4);
        is_cut(&taken[0], 30);
        assert_eq!((taken[1].status(), taken[1].bytes()), (Status::Success, 30));
        assert_eq!((taken[2].status(), taken[2].bytes()), (Status::Success, 29));
        is_cut(&taken[3], 30);
    }
    assert_eq!(rig.requests.counters().truncated, 4);
}

fn whole_and_cut_datagrams_take_turns(choice: BackendChoice) {
    for options in kinds() {
        let mut rig = Rig::new(choice, limits(64, 1));
        for round in 0..8u8 {
            for token in 0..64 {
                rig.requests.receive_with(rig.marked(token), options, token).unwrap();
            }
            for token in 0..64u8 {
                let length = if token % 3 == 0 { 700 } else { usize::from(token) + 1 };
                rig.arrive(&vec![token ^ round; length]);
            }
            for (token, completion) in (0..64u8).zip(rig.take(64)) {
                assert_eq!(completion.token(), u64::from(token));
                if token % 3 == 0 {
                    is_cut(&completion, 256);
                } else {
                    assert_eq!(completion.result().unwrap(), usize::from(token) + 1);
                }
                assert!(completion.buffer().unwrap().iter().all(|byte| *byte == token ^ round));
            }
        }
    }
}

fn the_largest_datagram_fits_or_is_cut(choice: BackendChoice) {
    const LARGEST: usize = 65_507;
    for options in kinds() {
        for (slice_size, cut) in [(LARGEST, false), (LARGEST - 1, true), (65_536, false)] {
            let mut rig = Rig::new(choice, limits(1, 1));
            rig.pool = pool(slice_size, 2);
            rig.requests.receive_with(rig.marked(0), options, 0).unwrap();
            rig.arrive(&vec![1; LARGEST]);
            let completion = rig.take_one();
            assert_eq!((completion.truncated(), completion.bytes()), (cut, LARGEST.min(slice_size)));
        }
    }
}
