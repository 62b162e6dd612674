//! Patterns of keys.

/// Whether all of `text` is what `pattern` says: `*` is any bytes, `?` one, `[a-z]` one of these, `[^a]` another
/// one, and `\` takes the next as it stands.
///
/// It goes back to the last `*` only, so a pattern of many does not take longer than one of two.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, text);
    // What follows the last star, and from where on it was tried.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', after @ ..] = rest {
            again = Some((after, left));
            rest = after;
            continue;
        }
        match (one(rest, left.first().copied()), left) {
            (Some(after), [_, others @ ..]) => (rest, left) = (after, others),
            (_, []) if rest.is_empty() => return true,
            _ => match again {
                Some((after, [_, others @ ..])) => {
                    again = Some((after, others));
                    (rest, left) = (after, others);
                }
                _ => return false,
            },
        }
    }
}

/// What follows the first part of a pattern, if `byte` is what that says.
fn one(pattern: &[u8], byte: Option<u8>) -> Option<&[u8]> {
    let byte = byte?;
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', rest @ ..] => set(rest, byte),
        [b'\\', same, rest @ ..] | [same, rest @ ..] => (*same == byte).then_some(rest),
        [] => None,
    }
}

/// The same for a set, whose bracket was taken off. One that does not end reaches to the end of the pattern.
fn set(set: &[u8], byte: u8) -> Option<&[u8]> {
    let (not, mut rest) = match set {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut is_in = false;
    loop {
        rest = match rest {
            [] => break,
            [b']', after @ ..] => {
                rest = after;
                break;
            }
            [b'\\', same, after @ ..] => {
                is_in |= *same == byte;
                after
            }
            [from, b'-', to, after @ ..] if *to != b']' => {
                is_in |= (*from.min(to)..=*from.max(to)).contains(&byte);
                after
            }
            [same, after @ ..] => {
                is_in |= *same == byte;
                after
            }
        };
    }
    (is_in != not).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::matches;
    use proptest::prelude::*;

    #[test]
    fn patterns_mean_what_clients_expect() {
        let cases = [
            ("*", "", true),
            ("*", "anything", true),
            ("h?llo", "hello", true),
            ("h?llo", "hllo", false),
            ("h*llo", "heeeello", true),
            ("h*llo", "hello!", false),
            ("h[ae]llo", "hallo", true),
            ("h[ae]llo", "hillo", false),
            ("h[^e]llo", "hallo", true),
            ("h[^e]llo", "hello", false),
            ("h[a-c]llo", "hbllo", true),
            ("h[c-a]llo", "hbllo", true),
            ("h[a-c]llo", "hdllo", false),
            ("h\\*llo", "h*llo", true),
            ("h\\*llo", "hello", false),
            ("[\\]]", "]", true),
            ("[ab", "b", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3", false),
            ("", "", true),
            ("", "a", false),
            ("\\", "\\", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    /// The same without a thought of time.
    fn slowly(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            ([b'*', rest @ ..], text) => (0..=text.len()).any(|skip| slowly(rest, &text[skip..])),
            ([b'?', rest @ ..], [_, left @ ..]) => slowly(rest, left),
            ([same, rest @ ..], [byte, left @ ..]) => same == byte && slowly(rest, left),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn stars_match_as_they_do_when_everything_is_tried(pattern in "[ab*?]{0,8}", text in "[ab]{0,12}") {
            prop_assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), slowly(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn any_pattern_is_taken_in_peace(pattern: Vec<u8>, text: Vec<u8>) {
            matches(&pattern, &text);
        }
    }
}
