//! Medians and how far the rounds spread around them.

/// The middle of many rounds: half of them lie between `low` and `high`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quartiles {
    /// A quarter of the rounds is below.
    pub(crate) low: f64,
    /// Half of the rounds is below.
    pub(crate) median: f64,
    /// Three quarters of the rounds are below.
    pub(crate) high: f64,
}

impl Quartiles {
    /// Those of `samples`; zeroes where there are none.
    pub(crate) fn of(samples: &[f64]) -> Quartiles {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: usize| {
            let position = sorted.len().saturating_sub(1) * quarter / 4;
            sorted.get(position).copied().unwrap_or_default()
        };
        Quartiles { low: at(1), median: at(2), high: at(3) }
    }
}
