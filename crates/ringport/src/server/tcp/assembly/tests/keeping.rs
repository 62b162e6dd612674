//! Messages that are kept, and framings that break their promise.

use super::{Assembly, drain, pool};
use crate::memory::Chain;
use crate::server::tcp::framing::{Frame, Framing, FramingError, LengthPrefix, Raw, Received};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn a_message_is_where_it_was_received() {
    let pool = pool();
    let mut assembly = Assembly::default();
    let slice = pool.take_with(b"\x03abc\x02de\x04f").unwrap();
    let address = slice.as_ptr();
    assembly.push(slice);
    let mut framing = LengthPrefix::one_byte(10);
    let first = assembly.next(&mut framing).unwrap().unwrap();
    assert_eq!(first.bytes().contiguous().unwrap().as_ptr(), address.wrapping_add(1), "no byte was copied");
    drop(first);
    let second = assembly.next(&mut framing).unwrap().unwrap().keep();
    assert_eq!(second.buffers()[0].as_ptr(), address.wrapping_add(5), "no byte was copied");
    assert_eq!(second.buffers()[0].references(), 2, "the rest of the slice is still to be looked at");
    assert!(assembly.next(&mut framing).unwrap().is_none());
    assert_eq!((assembly.missing(), assembly.slices()), (3, 1));
    assembly.push(pool.take_with(b"gh").unwrap());
    assembly.push(pool.take_with(b"i").unwrap());
    let third = assembly.next(&mut framing).unwrap().unwrap();
    assert_eq!(third.bytes().slices().collect::<Vec<_>>(), [&b"f"[..], b"gh", b"i"]);
    let third = third.keep();
    assert_eq!((third.to_vec(), third.buffers().len()), (b"fghi".to_vec(), 3));
    assert_eq!((third.buffers()[1].references(), assembly.slices()), (1, 0), "moved out, not counted");
    drop(third);
    assert_eq!(pool.figures().used, 1);
    drop(second);
    assert_eq!(pool.figures().used, 0);
}

#[test]
fn a_handler_that_panics_uses_its_message_up() {
    let pool = pool();
    let mut assembly = Assembly::default();
    let mut framing = LengthPrefix::one_byte(10);
    assembly.push(pool.take_with(b"\x02ab\x02c").unwrap());
    assembly.push(pool.take_with(b"d\x01e").unwrap());
    let looking = catch_unwind(AssertUnwindSafe(|| {
        let _message = assembly.next(&mut framing).unwrap().unwrap();
        panic!("while it looks at it");
    }));
    let keeping = catch_unwind(AssertUnwindSafe(|| {
        assembly.next(&mut framing).unwrap().unwrap().keep_with(|_slice| panic!("while it keeps it"));
    }));
    assert!(looking.is_err() && keeping.is_err());
    assert_eq!(drain(&mut assembly, &mut framing), (vec![b"e".to_vec()], None));
    assert_eq!(pool.figures().used, 0);
}

struct Promises(Frame);

impl Framing for Promises {
    fn next_frame(&mut self, _received: Received<'_>) -> Frame {
        self.0
    }

    fn longest(&self) -> usize {
        1
    }
}

#[test]
fn a_framing_that_breaks_its_promise_harms_nobody() {
    let pool = pool();
    let mut assembly = Assembly::default();
    assembly.push(pool.take_with(b"four").unwrap());
    let mut empty = Promises(Frame::Complete { skip: 0, length: 0, tail: 0 });
    assert_eq!(assembly.next(&mut empty).unwrap_err(), FramingError::NoProgress);
    let mut endless = Promises(Frame::Complete { skip: usize::MAX, length: usize::MAX, tail: 1 });
    assert!(assembly.next(&mut endless).unwrap().is_none());
    assert_eq!(assembly.missing(), usize::MAX - 4);
    assembly.clear();
    assert_eq!((pool.figures().used, assembly.missing()), (0, 1));
    assembly.push(pool.take_with(b"four").unwrap());
    assert!(assembly.next(&mut Promises(Frame::Incomplete { more: 0 })).unwrap().is_none());
    assert_eq!(assembly.missing(), 1, "it is not asked again before there is more");
    assembly.push(pool.take().unwrap());
    assert_eq!(assembly.slices(), 1, "a slice with nothing in it goes home at once");
}

proptest! {
    #[test]
    fn kept_messages_hold_what_they_need_and_no_more(
        sizes in prop::collection::vec(1usize..=16, 1..20), lengths in prop::collection::vec((0usize..4, 0usize..40, 0usize..4), 1..20),
    ) {
        let pool = pool();
        let mut assembly = Assembly::default();
        let mut stream = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let piece: Vec<u8> = (0..*size).map(|at| (number * 16 + at) as u8).collect();
            assembly.push(pool.take_with(&piece).unwrap());
            stream.extend(piece);
        }
        let mut at = 0;
        let mut kept: Vec<(Chain, Vec<u8>)> = Vec::new();
        for (skip, length, tail) in lengths {
            if skip + length + tail == 0 || at + skip + length + tail > stream.len() {
                continue;
            }
            let mut framing = Promises(Frame::Complete { skip, length, tail });
            let wanted = stream[at + skip..at + skip + length].to_vec();
            let chain = assembly.next(&mut framing).unwrap().unwrap().keep();
            prop_assert!(chain.buffers().iter().all(|part| !part.is_empty()));
            kept.push((chain, wanted));
            at += skip + length + tail;
            prop_assert_eq!(assembly.len(), stream.len() - at);
        }
        let rest = drain(&mut assembly, &mut Raw).0.concat();
        prop_assert_eq!(&rest[..], &stream[at..]);
        for (chain, wanted) in &kept {
            prop_assert_eq!(&chain.to_vec(), wanted);
        }
        let stride = pool.stock().reached()[0].geometry().stride;
        let live = kept.iter().flat_map(|(chain, _)| chain.buffers());
        let slices: BTreeSet<_> = live.map(|part| part.offset() / stride).collect();
        prop_assert_eq!(pool.figures().used, slices.len(), "what no message lies in is at home");
        drop(kept);
        prop_assert_eq!(pool.figures().used, 0);
    }
}
