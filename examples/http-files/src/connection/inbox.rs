//! What a connection has received and not used yet, in the slices it came in.
//!
//! ```text
//!   slice 0                    slice 1
//!   [ used │ HEAD │ half a he ][ ad │ .......... ]
//!                  └── moved to the front, and the rest copied behind it: only for a head that was cut in two
//! ```

use std::collections::VecDeque;

use ringport::BufferMut;

use crate::http::framing::{Framed, empty_lines, frame};
use crate::limits::INPUT_SLICES;

/// See the module.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// None of them is empty.
    pieces: VecDeque<Piece>,
    /// How much of the head at the front was looked at in vain.
    scanned: usize,
}

#[derive(Debug)]
struct Piece {
    slice: BufferMut,
    used: usize,
}

impl Piece {
    fn rest(&self) -> &[u8] {
        self.slice.get(self.used..).unwrap_or_default()
    }
}

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox { pieces: VecDeque::with_capacity(INPUT_SLICES), scanned: 0 }
    }

    /// Slices that it holds.
    pub(crate) fn slices(&self) -> usize {
        self.pieces.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        self.scanned = 0;
    }

    /// Takes what was received last.
    pub(crate) fn push(&mut self, slice: BufferMut) {
        if !slice.is_empty() {
            self.pieces.push_back(Piece { slice, used: 0 });
        }
    }

    /// Looks for the next head; [`head`](Inbox::head) has it then.
    pub(crate) fn next(&mut self) -> Framed {
        loop {
            self.skip_empty_lines();
            let Some(first) = self.pieces.front() else { return Framed::Incomplete };
            match frame(first.rest(), &mut self.scanned) {
                Framed::Incomplete if self.top_up() => {}
                framed => return framed,
            }
        }
    }

    /// The head of so many bytes that was found.
    pub(crate) fn head(&self, length: usize) -> &[u8] {
        let rest = self.pieces.front().map(Piece::rest).unwrap_or_default();
        rest.get(..length).unwrap_or(rest)
    }

    /// The first bytes are used.
    pub(crate) fn consume(&mut self, length: usize) {
        if let Some(first) = self.pieces.front_mut() {
            first.used += length;
            if first.rest().is_empty() {
                self.pieces.pop_front();
            }
        }
    }

    fn skip_empty_lines(&mut self) {
        // Within a head nothing is skipped, and one that was looked at does not begin with an empty line.
        while self.scanned == 0
            && let Some(first) = self.pieces.front()
            && let count = empty_lines(first.rest())
            && count > 0
        {
            self.consume(count);
        }
    }

    /// Fills the first slice from the second; false when there is none, or no room.
    fn top_up(&mut self) -> bool {
        let mut pieces = self.pieces.iter_mut();
        let (Some(first), Some(second)) = (pieces.next(), pieces.next()) else { return false };
        let left = first.slice.len() - first.used.min(first.slice.len());
        first.slice.copy_within(first.used.., 0);
        first.slice.truncate(left);
        first.used = 0;
        let room = first.slice.capacity() - left;
        let moved = second.rest().get(..room).unwrap_or(second.rest());
        let count = moved.len();
        if first.slice.extend_from_slice(moved).is_err() {
            return false;
        }
        second.used += count;
        if second.rest().is_empty() {
            self.pieces.remove(1);
        }
        count > 0
    }
}

#[cfg(test)]
mod tests {
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
        let bytes =
            b"\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nHEAD /b HTTP/1.0\r\n\r\nGET /c HTTP/1.1\r\nHo";
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(judged(&memory, &single), judged(&memory, &[bytes]));
        assert_eq!(judged(&memory, &single).len(), 2);
    }
}
