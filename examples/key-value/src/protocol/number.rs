//! Whole numbers as the protocol and its commands write them.

/// A number in digits, without an allocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    bytes: [u8; LONGEST],
    start: usize,
}

/// A sign and 19 digits.
const LONGEST: usize = 20;

impl Decimal {
    #[inline]
    pub(crate) fn new(number: i64) -> Decimal {
        let mut decimal = Decimal { bytes: [0; LONGEST], start: LONGEST };
        let mut left = number.unsigned_abs();
        loop {
            decimal.put(b'0' + (left % 10) as u8);
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if number < 0 {
            decimal.put(b'-');
        }
        decimal
    }

    #[inline]
    fn put(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }
}

/// Reads a number that is written as [`Decimal`] writes it: no blank, no plus, no needless zero.
pub(crate) fn parse(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [] => return None,
        [b'0', ..] if negative || digits.len() > 1 => return None,
        _ => {}
    }
    let mut number = 0i64;
    for byte in digits {
        let digit = i64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        // Downwards: there is one more number below zero than above.
        number = number.checked_mul(10)?.checked_sub(digit)?;
    }
    if negative { Some(number) } else { number.checked_neg() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_written_and_read(number: i64) {
            let decimal = Decimal::new(number);
            prop_assert_eq!(decimal.as_bytes().to_vec(), number.to_string().into_bytes());
            prop_assert_eq!(parse(decimal.as_bytes()), Some(number));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "[-+]?[0-9]{0,21}") {
            if let Some(number) = parse(text.as_bytes()) {
                prop_assert_eq!(number.to_string(), text);
            }
        }
    }

    #[test]
    fn the_ends_are_numbers_and_others_are_none() {
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            assert_eq!(parse(Decimal::new(number).as_bytes()), Some(number));
        }
        for wrong in
            ["", "-", "+1", " 1", "1 ", "01", "-0", "1.0", "9223372036854775808", "-9223372036854775809"]
        {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }
}
