//! Where the head of a request ends.
//!
//! Nothing is parsed before the whole head is there, so how a client cuts its bytes into packets cannot change an
//! answer, and a client that sends byte by byte costs one look at each byte.
//!
//! ```text
//!   CR LF GET / HTTP/1.1 CR LF Host: here CR LF CR LF GET /next ...
//!   skipped└────────────────── head ────────────────┘└─ the next one
//! ```

/// The longest head, in bytes.
pub(crate) const LONGEST_HEAD: usize = 8192;

/// What the bytes at hand are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed {
    /// More bytes are needed.
    Incomplete,
    /// The head of a request of so many bytes, its empty line included.
    Head(usize),
    /// The first line does not end within the longest head.
    LineTooLong,
    /// The head does not end within it.
    HeadTooLong,
}

/// How many bytes of empty lines stand before a request. Some clients end a body with one too many.
pub(crate) fn empty_lines(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// Looks for the end of the head that `bytes` begin with. `scanned` bytes of them were looked at before; it is
/// brought up to date.
pub(crate) fn frame(bytes: &[u8], scanned: &mut usize) -> Framed {
    let within = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
    // The end may have begun in what was looked at already.
    let from = scanned.saturating_sub(2);
    let ends = |at: &usize| {
        let line = within.get(at + 1..).unwrap_or_default();
        within.get(*at) == Some(&b'\n') && (line.starts_with(b"\n") || line.starts_with(b"\r\n"))
    };
    if let Some(at) = (from..within.len()).find(ends) {
        let last = if within.get(at + 1) == Some(&b'\n') { at + 1 } else { at + 2 };
        *scanned = 0;
        return Framed::Head(last + 1);
    }
    *scanned = within.len();
    match within.len() {
        LONGEST_HEAD if within.contains(&b'\n') => Framed::HeadTooLong,
        LONGEST_HEAD => Framed::LineTooLong,
        _ => Framed::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_its_empty_line() {
        let frame = |bytes: &[u8]| frame(bytes, &mut 0);
        assert_eq!(frame(b"GET / HTTP/1.1\r\n\r\nmore"), Framed::Head(18));
        assert_eq!(frame(b"GET / HTTP/1.1\n\nmore"), Framed::Head(16));
        assert_eq!(frame(b"GET / HTTP/1.1\n\r\nmore"), Framed::Head(17));
        assert_eq!(frame(b"GET / HTTP/1.1\r\n\r"), Framed::Incomplete);
        assert_eq!(frame(b""), Framed::Incomplete);
        assert_eq!(empty_lines(b"\r\n\nGET"), 3);
    }

    #[test]
    fn one_byte_at_a_time_comes_to_the_same() {
        let bytes = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";
        let mut scanned = 0;
        for end in 0..bytes.len() {
            assert_eq!(frame(&bytes[..end], &mut scanned), Framed::Incomplete, "{end}");
        }
        assert_eq!(frame(bytes, &mut scanned), Framed::Head(bytes.len()));
    }

    #[test]
    fn a_head_may_have_its_full_length_and_not_a_byte_more() {
        for (length, framed) in
            [(LONGEST_HEAD, Framed::Head(LONGEST_HEAD)), (LONGEST_HEAD + 1, Framed::HeadTooLong)]
        {
            let mut bytes = b"GET / HTTP/1.1\r\nA: ".to_vec();
            bytes.resize(length - 4, b'a');
            bytes.extend_from_slice(b"\r\n\r\n");
            assert_eq!(frame(&bytes, &mut 0), framed);
        }
        assert_eq!(frame(&[b'a'; LONGEST_HEAD], &mut 0), Framed::LineTooLong);
        assert_eq!(frame(&[b'a'; LONGEST_HEAD - 1], &mut 0), Framed::Incomplete);
    }
}
