//! Cutting: what comes in pieces is what came in one.

use super::*;
use crate::http::framing::LONGEST_HEAD;
use crate::http::request::parse;
use crate::limits::Memory;
use proptest::prelude::*;

/// The answers to what comes in these pieces, up to the first that ends the connection.
fn judged(memory: &Memory, pieces: &[&[u8]]) -> Vec<String> {
    let mut inbox = Inbox::new();
    let mut answers = Vec::new();
    for piece in pieces.iter().flat_map(|piece| piece.chunks(LONGEST_HEAD)) {
        inbox.push(memory.input.take_with(piece).unwrap());
        loop {
            let judged = match inbox.next() {
                Framed::Incomplete => break,
                Framed::Head(length) => {
                    let text = format!("{:?}", parse(inbox.head(length)));
                    inbox.consume(length);
                    text
                }
                refused => format!("Err({refused:?})"),
            };
            let is_last = judged.starts_with("Err");
            answers.push(judged);
            if is_last {
                return answers;
            }
        }
        assert!(inbox.slices() <= 1, "a head that is cut is put together");
    }
    answers
}

fn cut<'bytes>(bytes: &'bytes [u8], cuts: &[prop::sample::Index]) -> Vec<&'bytes [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "(GET|HEAD) /[a-z%.]{0,20} HTTP/1.[01]\r\nHost: [a-z]{1,5}\r\n(Range: bytes=[0-9]{1,3}-\r\n)?(\r\n){1,3}",
        1 => "GET / HTTP/1.1\nHost: a\n(A: b\n){0,70}\n",
        1 => "GET /[a]{1000,1100} HTTP/1.1\r\nHost: a\r\n\r\n",
        1 => "GET / HTTP/1.1\r\nHost: a\r\nB: [b]{8100,8200}\r\n\r\n",
        1 => "[ -~\r\n]{0,40}\r\n\r\n",
    ]
    .prop_map(String::into_bytes)
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_answers(
        requests in prop::collection::vec(request(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let memory = Memory::for_connections(4).unwrap();
        let bytes = requests.concat();
        prop_assert_eq!(judged(&memory, &cut(&bytes, &cuts)), judged(&memory, &[&bytes]));
        prop_assert_eq!(memory.input.free(), 64, "no slice is lost");
    }

    #[test]
    fn random_bytes_are_judged_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..20_000),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let memory = Memory::for_connections(4).unwrap();
        prop_assert_eq!(judged(&memory, &cut(&bytes, &cuts)), judged(&memory, &[&bytes]));
    }
}

#[test]
fn byte_by_byte_is_a_cutting_too() {
    let memory = Memory::for_connections(4).unwrap();
    let bytes = b"\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nHEAD /b HTTP/1.0\r\n\r\nGET /c HTTP/1.1\r\nHo";
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(judged(&memory, &single), judged(&memory, &[bytes]));
    assert_eq!(judged(&memory, &single).len(), 2);
}
