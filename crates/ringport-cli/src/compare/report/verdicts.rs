//! The verdicts: a mark, a word and a sentence a design.

use maud::{Markup, html};

use super::family::Family;
use crate::compare::verdict::{Outcome, Verdict};

/// Lists them.
pub(super) fn draw(verdicts: &[Verdict]) -> Markup {
    html! {
        ul.verdicts {
            @for verdict in verdicts {
                @let (mark, word, class) = badge(verdict.outcome);
                @let rest = verdict.sentence.strip_prefix(&verdict.design).unwrap_or(&verdict.sentence);
                li {
                    span.badge.(class) { span aria-hidden="true" { (mark) " " } (word) }
                    span {
                        b { span.swatch.(Family::of(&verdict.design).class()) {} (verdict.design) }
                        (with_options(rest))
                    }
                }
            }
        }
    }
}

/// The sentence with its options kept whole: a browser would break a line within `--flows`.
fn with_options(sentence: &str) -> Markup {
    html! {
        @for word in sentence.split_inclusive(' ') {
            @if word.starts_with("--") { code { (word) } } @else { (word) }
        }
    }
}

/// Shape and word say it; the colour only helps.
fn badge(outcome: Outcome) -> (&'static str, &'static str, &'static str) {
    match outcome {
        Outcome::Reference => ("=", "reference", "neutral"),
        Outcome::Wins => ("▲", "wins", "good"),
        Outcome::Loses => ("▼", "loses", "bad"),
        Outcome::Mixed => ("◆", "mixed", "bad"),
        Outcome::Unclear => ("○", "unclear", "neutral"),
    }
}
