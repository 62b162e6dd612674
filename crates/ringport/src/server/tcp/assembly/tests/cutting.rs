//! The same bytes, cut anywhere.

use super::{Assembly, SLICE, SLICES, drain, pool};
use crate::memory::BufferPool;
use crate::server::tcp::framing::{Delimiter, FixedLength, Framing, FramingError, LengthPrefix, Raw};
use proptest::prelude::*;

/// What one framing makes of a stream when it is cut into slices like this.
fn cut<F: Framing>(
    pool: &BufferPool,
    mut framing: F,
    stream: &[u8],
    cuts: &[usize],
) -> (Vec<Vec<u8>>, Option<FramingError>) {
    let mut assembly = Assembly::default();
    let (mut messages, mut error) = (Vec::new(), None);
    let (mut rest, mut turn) = (stream, 0);
    while !rest.is_empty() && error.is_none() {
        let now = cuts.get(turn % cuts.len().max(1)).copied().unwrap_or(SLICE).min(rest.len());
        let (piece, after) = rest.split_at(now.max(1).min(rest.len()));
        assembly.push(pool.take_with(piece).unwrap());
        (rest, turn) = (after, turn + 1);
        let (more, reason) = drain(&mut assembly, &mut framing);
        messages.extend(more);
        error = reason;
        assert_eq!(SLICES - pool.free(), assembly.slices(), "a slice that is used up is at home");
        assert_eq!(assembly.received().len(), assembly.len());
        assert!(assembly.slices() <= assembly.len(), "no slice is held for nothing");
        assert!(error.is_some() || assembly.missing() >= 1);
    }
    drop(assembly);
    assert_eq!(pool.free(), SLICES);
    (messages, error)
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20)
}

fn delimiter() -> impl Strategy<Value = &'static [u8]> {
    prop::sample::select(vec![&b"\n"[..], b"\r\n", b"\n\n", b"\r\n\r\n", b"a\n\n"])
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), Just(vec![SLICE]), prop::collection::vec(0..=SLICE, 1..12)]
}

fn prefixed(messages: &[Vec<u8>], width: usize, little: bool, itself: bool) -> Vec<u8> {
    let mut stream = Vec::new();
    for message in messages {
        let length = (message.len() + if itself { width } else { 0 }) as u64;
        let bytes = if little { length.to_le_bytes() } else { length.to_be_bytes() };
        stream.extend_from_slice(if little { &bytes[..width] } else { &bytes[8 - width..] });
        stream.extend_from_slice(message);
    }
    stream
}

/// The messages without what a delimiter would be found in.
fn without(messages: Vec<Vec<u8>>, byte: u8) -> Vec<Vec<u8>> {
    messages.into_iter().map(|message| message.into_iter().filter(|b| *b != byte).collect()).collect()
}

proptest! {
    #[test]
    fn length_prefixes(
        messages in messages(), cuts in cuts(), which in 0usize..4, little: bool, itself: bool, keep: bool,
    ) {
        let (width, mut framing) = match which {
            0 => (1, LengthPrefix::one_byte(60)),
            1 => (2, LengthPrefix::two_bytes(60)),
            2 => (4, LengthPrefix::four_bytes(60)),
            _ => (8, LengthPrefix::eight_bytes(60)),
        };
        if little { framing = framing.little_endian() }
        if itself { framing = framing.counts_itself() }
        if keep { framing = framing.keep_prefix() }
        let stream = prefixed(&messages, width, little, itself);
        let wanted: Vec<Vec<u8>> = if keep {
            messages.iter().map(|one| prefixed(std::slice::from_ref(one), width, little, itself)).collect()
        } else {
            messages
        };
        prop_assert_eq!(cut(&pool(), framing, &stream, &cuts), (wanted, None));
    }

    #[test]
    fn delimiters(messages in messages(), cuts in cuts(), delimiter in delimiter(), keep: bool) {
        // Parts of the delimiter stand in the messages, its last byte in none.
        let messages = without(messages, b'\n');
        let mut framing = Delimiter::sequence(delimiter, 60).unwrap();
        if keep { framing = framing.keep_delimiter() }
        let ended: Vec<Vec<u8>> = messages.iter().map(|one| [one, delimiter].concat()).collect();
        let stream = ended.concat();
        let wanted = if keep { ended } else { messages };
        prop_assert_eq!(cut(&pool(), framing, &stream, &cuts), (wanted, None));
    }

    #[test]
    fn a_stream_of_little_but_delimiters(
        stream in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'x')], 0..200), cuts in cuts(),
    ) {
        let text = String::from_utf8(stream).unwrap();
        let mut wanted: Vec<Vec<u8>> = text.split("\r\n").map(|line| line.as_bytes().to_vec()).collect();
        wanted.pop();
        let framing = Delimiter::sequence(b"\r\n", 200).unwrap();
        prop_assert_eq!(cut(&pool(), framing, text.as_bytes(), &cuts), (wanted, None));
    }

    #[test]
    fn fixed_lengths(stream in prop::collection::vec(any::<u8>(), 0..400), length in 1usize..60, cuts in cuts()) {
        let wanted: Vec<Vec<u8>> = stream.chunks_exact(length).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(cut(&pool(), FixedLength::new(length).unwrap(), &stream, &cuts), (wanted, None));
    }

    #[test]
    fn raw_bytes(stream in prop::collection::vec(any::<u8>(), 0..400), cuts in cuts()) {
        let (messages, error) = cut(&pool(), Raw, &stream, &cuts);
        prop_assert_eq!((messages.concat(), error), (stream, None));
    }

    /// Whatever comes, it ends in messages or in an error, the same ones for every cutting.
    #[test]
    fn nonsense(stream in prop::collection::vec(any::<u8>(), 0..300), cuts in cuts(), which in 0usize..6) {
        let one = |cuts: &[usize]| {
            let pool = pool();
            match which {
                0 => cut(&pool, LengthPrefix::one_byte(100), &stream, cuts),
                1 => cut(&pool, LengthPrefix::two_bytes(50_000).counts_itself(), &stream, cuts),
                2 => cut(&pool, LengthPrefix::four_bytes(usize::MAX).little_endian(), &stream, cuts),
                3 => cut(&pool, LengthPrefix::eight_bytes(usize::MAX).keep_prefix(), &stream, cuts),
                4 => cut(&pool, Delimiter::new(7, 20), &stream, cuts),
                _ => cut(&pool, Delimiter::sequence(b"\x01\x02", 20).unwrap(), &stream, cuts),
            }
        };
        let (messages, error) = one(&cuts);
        prop_assert_eq!((messages, error), one(&[SLICE]));
    }
}
