//! From figures to places on a chart, and to short words beside it.

use crate::numbers::whole;

/// A number as an SVG coordinate.
pub fn at(place: f64) -> String {
    format!("{place:.1}")
}

/// A scale from zero to the largest figure.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    most: f64,
    length: f64,
}

impl Linear {
    /// `length` units for figures up to `most`.
    pub fn new(most: f64, length: f64) -> Linear {
        Linear { most, length }
    }

    /// How far from zero; never outside.
    pub fn length(&self, value: f64) -> f64 {
        if self.most > 0.0 { (value / self.most).clamp(0.0, 1.0) * self.length } else { 0.0 }
    }
}

/// A logarithmic scale over whole decades.
#[derive(Clone, Copy, Debug)]
pub struct Decades {
    first: i32,
    last: i32,
    length: f64,
}

impl Decades {
    /// As many decades as the figures need; figures of zero count as the first of them.
    pub fn over(values: impl IntoIterator<Item = f64>, length: f64) -> Decades {
        let logarithms = values.into_iter().filter(|value| *value > 0.0).map(f64::log10);
        let (least, most) =
            logarithms.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        if least > most {
            return Decades { first: 0, last: 1, length };
        }
        let first = least.floor() as i32;
        Decades { first, last: (most.ceil() as i32).max(first + 1), length }
    }

    /// How far from the first decade; never outside.
    pub fn place(&self, value: f64) -> f64 {
        let decades = f64::from(self.last - self.first);
        let along = (value.max(f64::MIN_POSITIVE).log10() - f64::from(self.first)) / decades;
        along.clamp(0.0, 1.0) * self.length
    }

    /// The powers of ten, ends included.
    pub fn powers(&self) -> impl Iterator<Item = f64> + use<> {
        (self.first..=self.last).map(|exponent| 10f64.powi(exponent))
    }
}

/// A figure in four characters or so: `1.25M`, `447k`, `12.3k`, `891`, `4.6`, `0.05`, `0`.
pub fn short(value: f64) -> String {
    let digits = |value: f64| match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.995 => trimmed(format!("{value:.1}")),
        value => trimmed(format!("{value:.2}")),
    };
    match value {
        value if !value.is_finite() => "-".into(),
        value if value >= 999.5e6 => format!("{}G", digits(value / 1e9)),
        value if value >= 999.5e3 => format!("{}M", digits(value / 1e6)),
        value if value >= 9_999.5 => format!("{}k", digits(value / 1e3)),
        value if value >= 999.5 => whole(value),
        value => digits(value),
    }
}

/// Bytes in the same manner.
pub fn short_bytes(bytes: f64) -> String {
    match bytes {
        bytes if bytes >= 1_073_741_824.0 => format!("{} GiB", short(bytes / 1_073_741_824.0)),
        bytes if bytes >= 1_048_576.0 => format!("{} MiB", short(bytes / 1_048_576.0)),
        bytes => format!("{} KiB", short(bytes / 1_024.0)),
    }
}

/// A share as a percentage: `0`, `0.02`, `1.2`, `100`.
pub fn percent(share: f64) -> String {
    short(share * 100.0)
}

fn trimmed(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_figures() {
        for (value, text) in [
            (0.0, "0"),
            (0.05, "0.05"),
            (4.6, "4.6"),
            (12.34, "12.3"),
            (891.4, "891"),
            (1_504.2, "1,504"),
            (12_345.0, "12.3k"),
            (447_399.0, "447k"),
            (1_250_000.0, "1.25M"),
            (2.5e9, "2.5G"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(short_bytes(573_440.0), "560 KiB");
        assert_eq!(short_bytes(5.0 * 1_048_576.0), "5 MiB");
        assert_eq!(percent(0.123), "12.3");
    }

    #[test]
    fn decades_cover_the_figures() {
        let scale = Decades::over([9.0, 49.0, 1_500.0], 300.0);
        assert_eq!(scale.powers().collect::<Vec<_>>(), [1.0, 10.0, 100.0, 1_000.0, 10_000.0]);
        assert!((scale.place(100.0) - 150.0).abs() < 1e-9);
        assert_eq!(Decades::over([], 300.0).powers().count(), 2);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(most in 0.0f64..1e12, value in 0.0f64..1e13, others in prop::collection::vec(0.0f64..1e9, 0..5)) {
            let length = Linear::new(most, 200.0).length(value);
            prop_assert!((0.0..=200.0).contains(&length), "{length}");
            let place = Decades::over(others, 200.0).place(value);
            prop_assert!((0.0..=200.0).contains(&place), "{place}");
        }

        #[test]
        fn short_figures_are_short(value in 0.0f64..1e12) {
            prop_assert!(short(value).len() <= 5, "{}", short(value));
        }
    }
}
