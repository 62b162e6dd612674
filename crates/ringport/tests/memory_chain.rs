//! Chains and views against plain byte strings: the same bytes, and never a copy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use ringport::{BufferPool, Chain, ChainMut, Lock};

fn pool() -> BufferPool {
    let builder = BufferPool::builder().slice_size(16).slices_per_region(256).regions(1..=1);
    builder.lock(Lock::Off).build().unwrap()
}

#[test]
fn a_shared_buffer_is_unique_again_when_the_others_are_gone() {
    let pool = pool();
    let mut unique = pool.take_with(b"0123456789").unwrap();
    unique.set_context(42);
    let address = unique.as_ptr();
    let whole = unique.freeze();
    let view = whole.view(2..=4).unwrap();
    assert_eq!((&view[..], view.as_ptr()), (&b"234"[..], address.wrapping_add(2)), "no byte was copied");
    assert_eq!((view.offset(), view.region()), (whole.offset() + 2, whole.region()));
    assert_eq!((view.context(), view.references()), (42, 2));
    let whole = whole.try_unique().expect_err("it has a view");
    assert!(whole.view(3..11).is_err() && whole.split_at(11).is_err());
    #[allow(clippy::reversed_empty_ranges)]
    let reversed = whole.view(5..3);
    assert_eq!(reversed.unwrap_err().to_string(), "the range 5..3 is not inside the 10 bytes of the buffer");
    drop(whole);
    assert_eq!(pool.free(), 255, "the view still holds the slice");
    let mut again = view.try_unique().unwrap();
    assert_eq!((again.capacity(), again.spare_capacity().len()), (16, 11));
    again[0] = b'!';
    assert_eq!(&again[..], b"!34");
    assert_eq!(again.freeze().copy_out(), b"!34");
    assert_eq!(pool.free(), 256);
}

#[test]
fn advancing_returns_the_slices_that_are_used_up() {
    let pool = pool();
    let mut chain: Chain =
        [&b"abc"[..], b"", b"def"].iter().map(|part| pool.take_with(part).unwrap().freeze()).collect();
    assert!(chain.advance(7).is_err());
    assert_eq!(pool.free(), 253);
    chain.advance(3).unwrap();
    assert_eq!((pool.free(), chain.len()), (255, 3));
    chain.advance(3).unwrap();
    assert_eq!((pool.free(), chain.is_empty()), (256, true));
}

#[test]
fn a_unique_chain_freezes_in_order() {
    let pool = pool();
    let mut chain = ChainMut::with_capacity(3);
    chain.extend([&b"one "[..], b"two "].map(|part| pool.take_with(part).unwrap()));
    chain.push(pool.take_with(b"three").unwrap());
    assert_eq!((chain.len(), chain.capacity(), chain.buffers().len()), (13, 48, 3));
    chain.buffers_mut()[1][0] = b'T';
    assert_eq!(&chain.pop_front().unwrap()[..], b"one ");
    assert_eq!(chain.iter().collect::<Vec<_>>(), [b"Two ", &b"three"[..]]);
    let frozen = chain.freeze();
    assert_eq!(frozen.to_vec(), b"Two three");
    assert_eq!((frozen.find(b'w'), frozen.find(b'r'), frozen.find(b'x')), (Some(1), Some(6), None));
    let mut part = [0; 6];
    assert_eq!(frozen.copy_to(&mut part), 6);
    assert_eq!(&part, b"Two th");
    assert!(ChainMut::new().pop_front().is_none());
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<u8>),
    PushFront(Vec<u8>),
    SplitTo(usize),
    Advance(usize),
    Fan,
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..16);
    prop_oneof![
        3 => bytes().prop_map(Step::Push),
        1 => bytes().prop_map(Step::PushFront),
        2 => (0usize..40).prop_map(Step::SplitTo),
        1 => (0usize..40).prop_map(Step::Advance),
        1 => Just(Step::Fan),
    ]
}

proptest! {
    #[test]
    fn a_chain_is_the_bytes_in_it(steps in prop::collection::vec(step(), 1..60)) {
        let pool = pool();
        let take = |bytes: &[u8]| pool.take_with(bytes).unwrap().freeze();
        let (mut chain, mut model) = (Chain::new(), Vec::new());
        let mut kept: Vec<(Chain, Vec<u8>)> = Vec::new();
        for step in steps {
            let used = pool.figures().used;
            match step {
                Step::Push(bytes) => {
                    chain.push(take(&bytes));
                    model.extend_from_slice(&bytes);
                }
                Step::PushFront(bytes) => {
                    chain.push_front(take(&bytes));
                    model.splice(0..0, bytes);
                }
                Step::SplitTo(at) => match chain.split_to(at) {
                    Ok(first) => {
                        kept.push((first, model.drain(..at).collect()));
                        prop_assert_eq!(pool.figures().used, used, "a split takes no slice");
                    }
                    Err(error) => prop_assert_eq!((error.end, error.len), (at, model.len())),
                },
                Step::Advance(by) => match chain.advance(by) {
                    Ok(()) => drop(model.drain(..by)),
                    Err(_) => prop_assert!(by > model.len()),
                },
                Step::Fan => kept.push((chain.clone(), model.clone())),
            }
            prop_assert_eq!(chain.len(), model.len());
            prop_assert_eq!(chain.to_vec(), &model[..]);
            prop_assert_eq!(chain.find(7), model.iter().position(|byte| *byte == 7));
            let mut target = [0; 20];
            let copied = chain.copy_to(&mut target);
            prop_assert_eq!(&target[..copied], &model[..model.len().min(20)]);
        }
        for (chain, model) in kept.drain(..) {
            prop_assert_eq!(chain.to_vec(), model);
        }
        drop(chain);
        prop_assert_eq!(pool.free(), 256, "every slice came back");
    }
}
