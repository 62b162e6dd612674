//! The targets: how many were met, and each with what came out.

use maud::{Markup, html};

use super::count;
use crate::targets::Verdict;

/// One sentence or two.
pub(super) fn headline(verdicts: &[Verdict]) -> Vec<String> {
    let met = verdicts.iter().filter(|verdict| verdict.met).count();
    if verdicts.is_empty() {
        return vec!["No target could be looked at: one side of each was not measured.".into()];
    }
    let mut sentences = vec![format!("{} of {} targets are met.", count(met), count(verdicts.len()))];
    if met < verdicts.len() {
        sentences.push("Where one is missed, the line below says by how much.".into());
    }
    sentences
}

/// A line a target. Shape and word say what came of it; the colour only helps.
pub(super) fn list(verdicts: &[Verdict]) -> Markup {
    html! {
        ul.verdicts {
            @for verdict in verdicts {
                @let (mark, word, class) = if verdict.met { ("▲", "met", "good") } else { ("▼", "missed", "bad") };
                li {
                    span.badge.(class) { span aria-hidden="true" { (mark) " " } (word) }
                    span {
                        b { (verdict.peer) } " under " b { (verdict.load) } ": " (verdict.sentence) ", quartiles "
                        (format!("{:.2} to {:.2}", verdict.found.p25, verdict.found.p75))
                    }
                }
            }
        }
    }
}
