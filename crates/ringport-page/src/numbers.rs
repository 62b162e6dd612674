//! Numbers as people read them.

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate or another large figure without its fraction.
pub fn whole(number: f64) -> String {
    // A negative or missing figure is shown as none; the cast saturates.
    if number.is_finite() && number >= 0.0 { grouped(number.round() as u64) } else { "-".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn missing_figures_are_a_dash() {
        assert_eq!(whole(f64::NAN), "-");
        assert_eq!(whole(-1.0), "-");
        assert_eq!(whole(1499.6), "1,500");
    }
}
