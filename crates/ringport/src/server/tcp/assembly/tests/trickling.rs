//! Peers that send a byte at a time: searched once, and in few slices.

use super::{Assembly, SLICE, drain, pool};
use crate::server::tcp::framing::{Delimiter, FixedLength, Frame, Framing, Received};
use proptest::prelude::*;

#[test]
fn a_delimiter_never_looks_at_a_byte_twice() {
    let mut delimiter = Delimiter::new(b'\n', 100);
    assert_eq!(delimiter.next_frame(Received::new(b"abc")), Frame::Incomplete { more: 1 });
    // The bytes may not change; that they do here shows that they are not looked at.
    assert_eq!(delimiter.next_frame(Received::new(b"\n\n\nd")), Frame::Incomplete { more: 1 });
    let found = Frame::Complete { skip: 0, length: 5, tail: 1 };
    assert_eq!(delimiter.next_frame(Received::new(b"\n\n\n\ne\n\n")), found);
    // The next message is looked at from its beginning.
    let found = Frame::Complete { skip: 0, length: 1, tail: 1 };
    assert_eq!(delimiter.next_frame(Received::new(b"f\n")), found);
}

#[test]
fn a_framing_is_not_asked_before_it_can_know_more() {
    struct Counted(FixedLength, usize);
    impl Framing for Counted {
        fn next_frame(&mut self, received: Received<'_>) -> Frame {
            self.1 += 1;
            self.0.next_frame(received)
        }
        fn longest(&self) -> usize {
            self.0.longest()
        }
    }
    let pool = pool();
    let mut assembly = Assembly::default();
    let mut framing = Counted(FixedLength::new(100).unwrap(), 0);
    for byte in 0..100 {
        assembly.push(pool.take_with(&[byte]).unwrap());
        assert_eq!(drain(&mut assembly, &mut framing).0.len(), usize::from(byte == 99));
    }
    assert_eq!(framing.1, 2, "at the first byte and at the last");
}

#[test]
fn the_slices_that_are_needed_are_enough_for_the_longest_message() {
    let pool = pool();
    for longest in [1, SLICE - 1, SLICE, SLICE + 1, 5 * SLICE] {
        let needed = Assembly::slices_needed(longest, SLICE);
        let mut assembly = Assembly::default();
        // Off the beat of the slices.
        let mut framing = FixedLength::new(longest).unwrap();
        let mut messages = 0;
        for byte in 0..20 * longest {
            if assembly.slices() + 1 > needed {
                assembly.squeeze();
            }
            assert!(assembly.slices() < needed, "there is one to receive into");
            assembly.push(pool.take_with(&[byte as u8]).unwrap());
            messages += drain(&mut assembly, &mut framing).0.len();
        }
        assert_eq!(messages, 20);
    }
    assert_eq!(
        (
            Assembly::slices_needed(0, 16),
            Assembly::slices_needed(usize::MAX, 1),
            Assembly::slices_needed(1, 0)
        ),
        (1, usize::MAX, 2)
    );
}

proptest! {
    #[test]
    fn squeezing_changes_no_byte(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..=SLICE), 0u8..8), 1..20),
        consumed in 0usize..40,
    ) {
        let pool = pool();
        let mut assembly = Assembly::default();
        let mut stream = Vec::new();
        let mut views = Vec::new();
        for (bytes, shared) in &pieces {
            let slice = pool.take_with(bytes).unwrap().freeze();
            if *shared == 0 {
                views.push(slice.clone());
            }
            assembly.push(slice);
            stream.extend_from_slice(bytes);
        }
        if consumed > 0 && consumed <= stream.len() {
            drop(assembly.next(&mut FixedLength::new(consumed).unwrap()));
            stream.drain(..consumed);
        }
        let held = assembly.slices();
        let went = assembly.squeeze();
        prop_assert_eq!(assembly.slices(), held - went);
        prop_assert_eq!((assembly.received().to_vec(), assembly.len()), (stream.clone(), stream.len()));
        if views.is_empty() {
            prop_assert_eq!(assembly.slices(), stream.len().div_ceil(SLICE));
        }
        for (view, (bytes, _)) in views.iter().zip(pieces.iter().filter(|(_, shared)| *shared == 0)) {
            prop_assert_eq!(&view[..], &bytes[..], "what somebody else sees stays");
        }
        drop((assembly, views));
        prop_assert_eq!(pool.figures().used, 0);
    }
}
