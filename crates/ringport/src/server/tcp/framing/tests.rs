//! What a view shows, however it is cut. Messages are tested with the assembly that feeds the framings.

use super::{Delimiter, Frame, Framing, FramingError, LengthPrefix, Received};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_view_is_its_bytes(
        parts in prop::collection::vec(prop::collection::vec(0u8..6, 0..9), 0..9),
        from in 0usize..50, most in 0usize..50, wanted in 0u8..6,
    ) {
        let slices: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
        let all = parts.concat();
        let model: Vec<u8> = all.iter().copied().skip(from).take(most).collect();
        let view = Received::of_slices(&slices).after(from).up_to(most);
        prop_assert_eq!((view.len(), view.is_empty()), (model.len(), model.is_empty()));
        prop_assert_eq!(view.to_vec(), &model[..]);
        prop_assert_eq!(view.first().is_empty(), model.is_empty());
        prop_assert!(view.slices().all(|slice| !slice.is_empty()));
        prop_assert_eq!(view.find(wanted), model.iter().position(|byte| *byte == wanted));
        prop_assert_eq!(view.contiguous().is_some(), view.slices().count() < 2);
        for at in 0..=model.len() {
            prop_assert_eq!(view.byte(at), model.get(at).copied());
        }
        let mut target = [9; 20];
        let copied = view.copy_to(&mut target);
        prop_assert_eq!(copied, model.len().min(20));
        prop_assert_eq!(&target[..copied], &model[..copied]);
        prop_assert!(target[copied..].iter().all(|byte| *byte == 9));
    }
}

#[test]
fn lengths_at_the_limits() {
    let mut framing = LengthPrefix::two_bytes(300);
    let at_the_maximum = Frame::Incomplete { more: 300 };
    assert_eq!(framing.next_frame(Received::new(&300u16.to_be_bytes())), at_the_maximum);
    let above = FramingError::TooLong { announced: 301, maximum: 300 };
    assert_eq!(framing.next_frame(Received::new(&301u16.to_be_bytes())), Frame::Invalid(above));
    let mut framing = LengthPrefix::eight_bytes(usize::MAX).keep_prefix();
    let more = usize::MAX - 8;
    assert_eq!(framing.next_frame(Received::new(&u64::MAX.to_be_bytes())), Frame::Incomplete { more });
    let mut framing = LengthPrefix::four_bytes(10).counts_itself();
    let found = Frame::Complete { skip: 4, length: 0, tail: 0 };
    assert_eq!(framing.next_frame(Received::new(&4u32.to_be_bytes())), found);
    assert!(matches!(
        framing.next_frame(Received::new(&3u32.to_be_bytes())),
        Frame::Invalid(FramingError::Malformed { at: 0, .. })
    ));
    assert_eq!(framing.longest(), 14);
}

#[test]
fn delimiters_at_the_limits() {
    let mut framing = Delimiter::sequence(b"\r\n", 3).unwrap();
    let found = Frame::Complete { skip: 0, length: 3, tail: 2 };
    assert_eq!(framing.next_frame(Received::new(b"abc\r\n")), found);
    assert_eq!(framing.next_frame(Received::new(b"abc\r")), Frame::Incomplete { more: 1 });
    assert_eq!(framing.next_frame(Received::new(b"abc\r\n")), found);
    let endless = Frame::Invalid(FramingError::NoDelimiter { maximum: 3 });
    assert_eq!(framing.next_frame(Received::new(b"abcd\r\n")), endless);
    assert_eq!(framing.longest(), 5);
    assert!(Delimiter::sequence(b"", 3).is_err() && Delimiter::sequence(b"12345", 3).is_err());
}
