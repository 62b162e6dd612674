//! The line before an array or a word: a marker, a number, an end.

/// The longest: a marker, a number with its sign, `\r\n`.
pub(super) const LONGEST_HEAD: usize = 1 + 1 + DIGITS + 2;
/// Digits of a number, which so always fits.
const DIGITS: usize = 10;

/// What the bytes after a marker are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A number, and how many bytes the head takes in all.
    There { number: i64, bytes: usize },
    /// Not yet a whole one.
    Missing,
    /// None, and never will be.
    Wrong,
}

impl Head {
    /// Reads the head that `bytes` begin with. Their first one is the marker, which the caller has looked at.
    #[inline]
    pub(super) fn read(bytes: &[u8]) -> Head {
        let mut at = 1;
        let negative = bytes.get(at) == Some(&b'-');
        at += usize::from(negative);
        let first = at;
        let mut number = 0i64;
        while let Some(digit) = bytes.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10)
        {
            if at - first == DIGITS {
                return Head::Wrong;
            }
            number = number * 10 + i64::from(digit);
            at += 1;
        }
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) if at > first => {
                Head::There { number: if negative { -number } else { number }, bytes: at + 2 }
            }
            (None, _) => Head::Missing,
            (Some(b'\r'), None) if at > first => Head::Missing,
            _ => Head::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_is_a_marker_a_number_and_an_end() {
        let there = |number, bytes| Head::There { number, bytes };
        assert_eq!(Head::read(b"*3\r\n$"), there(3, 4));
        assert_eq!(Head::read(b"$-1\r\n"), there(-1, 5));
        assert_eq!(Head::read(b"$9999999999\r\n"), there(9_999_999_999, 13));
        for missing in ["", "$", "$-", "$1", "$12\r"] {
            assert_eq!(Head::read(missing.as_bytes()), Head::Missing, "{missing:?}");
        }
        for wrong in ["$x", "$\r\n", "$-\r\n", "$1\n", "$1\rx", "$ 1\r\n", "$+1\r\n", "$10000000000"] {
            assert_eq!(Head::read(wrong.as_bytes()), Head::Wrong, "{wrong:?}");
        }
    }
}
