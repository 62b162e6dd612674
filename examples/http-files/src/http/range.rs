//! Byte ranges: one of them a request.

use super::request::decimal;

/// Which bytes of a file are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All: there is no range, or one that this server does not know, which RFC 9110 lets it overlook.
    All,
    /// From the first to the last, both included.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// None of them is in the file.
    Nothing,
}

/// Reads the value of a `Range` field for a file of `length` bytes.
pub(crate) fn wanted(value: &str, length: u64) -> Wanted {
    let Some((unit, set)) = value.split_once('=') else { return Wanted::All };
    // Several ranges would need an answer of several parts.
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Wanted::All;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Wanted::All };
    let (first, last) = match (first, last) {
        ("", last) => match decimal(last) {
            Some(count) if count > 0 => (length.saturating_sub(count), u64::MAX),
            Some(_) => return Wanted::Nothing,
            None => return Wanted::All,
        },
        (first, "") => match decimal(first) {
            Some(first) => (first, u64::MAX),
            None => return Wanted::All,
        },
        (first, last) => match (decimal(first), decimal(last)) {
            (Some(first), Some(last)) if first <= last => (first, last),
            _ => return Wanted::All,
        },
    };
    if first >= length {
        return Wanted::Nothing;
    }
    Wanted::Part { first, last: last.min(length.saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_names_its_first_and_last_byte() {
        let part = |first, last| Wanted::Part { first, last };
        for (value, answer) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=2-5", part(2, 5)),
            ("bytes=2-", part(2, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-30", part(0, 9)),
            ("bytes=9-99999999999999999999999", part(9, 9)),
            ("Bytes=0-9", part(0, 9)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=1-2,4-5", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=+1-2", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("", Wanted::All),
        ] {
            assert_eq!(wanted(value, 10), answer, "{value}");
        }
    }

    #[test]
    fn an_empty_file_has_no_byte_to_give() {
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(wanted("bytes=-1", 0), Wanted::Nothing);
    }

    proptest! {
        #[test]
        fn a_part_is_inside_its_file(value in "bytes=[0-9]{0,22}-[0-9]{0,22}", length in any::<u64>()) {
            if let Wanted::Part { first, last } = wanted(&value, length) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
