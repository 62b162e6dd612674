//! What is said of several rounds: the middle, and how far they are apart.

use serde::Serialize;

/// A figure over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    /// The least and the most of all rounds: how far to trust the median.
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// How one figure stands to another of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Better,
    Worse,
    /// The rounds overlap, or the difference is not worth a word.
    Level,
}

/// Differences smaller than this are not worth a word, even if every round agrees on them.
pub(crate) const NOTICEABLE: f64 = 0.03;

impl Figure {
    /// None without any round.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Figure> {
        let values: Vec<f64> = values.into_iter().collect();
        let least = values.iter().copied().reduce(f64::min)?;
        let most = values.iter().copied().reduce(f64::max)?;
        Some(Figure { median: median(values)?, least, most })
    }

    /// How this stands to `other` where less is better. A median alone says little on a machine that does other
    /// things too: all rounds have to agree.
    pub(crate) fn cheaper(&self, other: &Figure) -> Standing {
        let ratio = self.median / other.median;
        if self.most < other.least && ratio <= 1.0 - NOTICEABLE {
            Standing::Better
        } else if self.least > other.most && ratio >= 1.0 + NOTICEABLE {
            Standing::Worse
        } else {
            Standing::Level
        }
    }

    /// How this stands to `other` where more is better.
    pub(crate) fn faster(&self, other: &Figure) -> Standing {
        match self.cheaper(other) {
            Standing::Better => Standing::Worse,
            Standing::Worse => Standing::Better,
            Standing::Level => Standing::Level,
        }
    }
}

/// The middle value, or the mean of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => values.get(middle).copied(),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(Figure::of([3.0, 1.0, 2.0]), Some(Figure { median: 2.0, least: 1.0, most: 3.0 }));
        assert_eq!(Figure::of([]), None);
    }

    #[test]
    fn rounds_that_overlap_are_level() {
        let figure = |values: [f64; 3]| Figure::of(values).unwrap();
        let (low, high) = (figure([90.0, 100.0, 110.0]), figure([120.0, 130.0, 140.0]));
        assert_eq!((low.cheaper(&high), high.cheaper(&low)), (Standing::Better, Standing::Worse));
        assert_eq!((low.faster(&high), high.faster(&low)), (Standing::Worse, Standing::Better));
        assert_eq!(
            figure([90.0, 130.0, 131.0]).cheaper(&high),
            Standing::Level,
            "a round as cheap as the other's"
        );
        assert_eq!(figure([100.0; 3]).cheaper(&figure([102.0; 3])), Standing::Level, "too little to matter");
    }
}
