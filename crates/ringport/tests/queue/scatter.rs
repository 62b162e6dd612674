//! Chains: a datagram scattered over several slices, mixed with single ones in post order.

use ringport::queue::{CompletedBuffer, PostError};
use ringport::{BackendChoice, ChainMut, Completion, Limits, Receive, Status};

use crate::common::on_each_backend;
use crate::common::rig::{Rig, limits, pool};

on_each_backend!(
    a_datagram_is_scattered_over_its_slices,
    chains_and_single_slices_keep_their_order,
    a_chain_of_too_many_slices_or_none_is_refused,
    a_chain_of_as_many_slices_as_the_kernel_takes,
    aborted_chains_come_back,
);

/// A chain of slices of four bytes.
fn chain(rig: &Rig, slices: usize) -> ChainMut {
    (0..slices).map(|_| rig.pool.take().unwrap()).collect()
}

fn small(choice: BackendChoice, receives: u32) -> Rig {
    let mut rig = Rig::new(choice, limits(receives, 1));
    rig.pool = pool(4, 200);
    rig
}

/// The filled part of each slice, however the receive was posted.
fn parts(completion: Completion) -> Vec<Vec<u8>> {
    match completion.into_buffer() {
        CompletedBuffer::Unique(buffer) => vec![buffer.to_vec()],
        CompletedBuffer::ChainMut(chain) => chain.iter().map(<[u8]>::to_vec).collect(),
        other => panic!("not what was posted: {other:?}"),
    }
}

fn a_datagram_is_scattered_over_its_slices(choice: BackendChoice) {
    let mut rig = small(choice, 8);
    for addresses in [false, true] {
        let options = if addresses { Receive::new().addresses() } else { Receive::new() };
        for (token, bytes) in (0..).zip([&b"abcdefghij"[..], b"abcd", b"abcdefgh", b"abcdefghijkl", b""]) {
            rig.requests.receive_with(chain(&rig, 3), options, token).unwrap();
            rig.arrive(bytes);
            let completion = rig.take_one();
            assert_eq!((completion.token(), completion.bytes()), (token, bytes.len()));
            assert_eq!(completion.status(), Status::Success);
            assert_eq!(completion.peer(), addresses.then(|| rig.client_address()));
            let parts = parts(completion);
            assert_eq!(parts.len(), 3);
            assert_eq!(parts.concat(), bytes);
            for (index, part) in parts.iter().enumerate() {
                assert_eq!(part.len(), bytes.len().saturating_sub(4 * index).min(4));
            }
        }
    }
}

fn chains_and_single_slices_keep_their_order(choice: BackendChoice) {
    let mut rig = small(choice, 24);
    // The first round starts with single slices in the kernel's hands already.
    for round in 0..4u8 {
        for token in 0..24 {
            match token % 4 {
                0 | 1 if round == 0 => rig.requests.receive(rig.pool.take().unwrap(), token).unwrap(),
                0 => rig.requests.receive_from(rig.pool.take().unwrap(), token).unwrap(),
                1 => rig.requests.receive(rig.pool.take().unwrap(), token).unwrap(),
                2 => rig.requests.receive(chain(&rig, 2), token).unwrap(),
                _ => rig.requests.receive_from(chain(&rig, 5), token).unwrap(),
            }
            if round == 0 && token == 1 {
                rig.take_none();
            }
        }
        for token in 0..24u8 {
            rig.arrive(&[round, token, 1]);
        }
        for (token, completion) in (0..24u8).zip(rig.take(24)) {
            assert_eq!(completion.token(), u64::from(token));
            let addresses = token % 4 == 3 || round > 0 && token % 4 == 0;
            assert_eq!(completion.peer().is_some(), addresses, "{round} {token}");
            let slices = [1, 1, 2, 5][usize::from(token % 4)];
            let parts = parts(completion);
            assert_eq!((parts.len(), &parts[0][..]), (slices, &[round, token, 1][..]));
        }
    }
}

fn a_chain_of_too_many_slices_or_none_is_refused(choice: BackendChoice) {
    let rig = small(choice, 2);
    for (slices, free) in [(9, 191), (0, 200)] {
        let refused = rig.requests.receive(chain(&rig, slices), 0).unwrap_err();
        let PostError::SliceCount { given, allowed: 8, .. } = refused.error else {
            panic!("{refused}");
        };
        assert_eq!((given, refused.buffer.buffers().len()), (slices, slices));
        assert_eq!((rig.pool.free(), rig.requests.outstanding().receives), (free, 0));
    }
    rig.requests.receive(chain(&rig, 8), 0).unwrap();
}

fn a_chain_of_as_many_slices_as_the_kernel_takes(choice: BackendChoice) {
    let most = Limits { receives: 3, receive_buffers: 1024, sends: 0, send_buffers: 0 };
    let mut rig = Rig::new(choice, most);
    rig.pool = pool(4, 3 * 1024);
    (0..3).for_each(|token| rig.requests.receive(chain(&rig, 1024), token).unwrap());
    let bytes: Vec<u8> = (0..4096u32).map(|number| number as u8).collect();
    for length in [4096, 4093, 5] {
        rig.arrive(&bytes[..length]);
    }
    for (length, completion) in [4096, 4093, 5].into_iter().zip(rig.take(3)) {
        assert_eq!(completion.bytes(), length);
        assert_eq!(parts(completion).concat(), bytes[..length]);
    }
}

fn aborted_chains_come_back(choice: BackendChoice) {
    let mut rig = small(choice, 4);
    rig.requests.receive(rig.pool.take().unwrap(), 0).unwrap();
    rig.requests.receive(chain(&rig, 7), 1).unwrap();
    rig.take_none();
    rig.requests.cancel();
    let taken = rig.take(2);
    assert!(taken.iter().all(|completion| completion.status() == Status::Aborted));
    let slices: Vec<_> = taken.into_iter().map(|completion| parts(completion).len()).collect();
    assert_eq!(slices, [1, 7]);
    assert_eq!(rig.pool.free(), 200);
}
