//! Medians, and how far the rounds spread around them.

use serde::Serialize;

/// The middle of many rounds: half of them lie between the quartiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quartiles {
    pub p25: f64,
    pub median: f64,
    pub p75: f64,
}

impl Quartiles {
    /// Those of `samples`, between neighbours where they fall between two; zeroes where there are none.
    pub fn of(mut samples: Vec<f64>) -> Quartiles {
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let position = samples.len().saturating_sub(1) as f64 * share;
            let value = |index: f64| samples.get(index as usize).copied().unwrap_or_default();
            let (below, above) = (value(position.floor()), value(position.ceil()));
            below + (above - below) * position.fract()
        };
        Quartiles { p25: at(0.25), median: at(0.5), p75: at(0.75) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_those_of_the_sorted_samples() {
        let quartiles = Quartiles::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(quartiles, Quartiles { p25: 2.0, median: 3.0, p75: 4.0 });
        assert_eq!(Quartiles::of(vec![1.0, 2.0]).median, 1.5);
        assert_eq!(Quartiles::of(Vec::new()), Quartiles::default());
    }
}
