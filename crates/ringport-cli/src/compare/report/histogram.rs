//! Results per dequeue, a small histogram a design, all with the same buckets so that they can be compared.

use maud::{Markup, html};
use ringport_page::figure::svg;
use ringport_page::scale::{Linear, at, percent, short};

use super::family::Family;
use crate::compare::summary::Summary;

const WIDTH: f64 = 168.0;
const HEIGHT: f64 = 92.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 76.0;
/// Fewer buckets would make fat bars of nothing.
const FEWEST: usize = 8;

/// Draws one picture a design; None where nothing was dequeued.
pub(super) fn draw(summaries: &[Summary]) -> Option<Markup> {
    let buckets = summaries.iter().map(|summary| summary.results_histogram.len()).max()?;
    if buckets == 0 {
        return None;
    }
    let buckets = buckets.max(FEWEST);
    Some(html! {
        div.small-multiples {
            @for summary in summaries {
                div.small-multiple {
                    h4 { (summary.design) }
                    p { "mean " (summary.results_per_dequeue.map_or("-".into(), short)) }
                    (picture(summary, buckets))
                }
            }
        }
    })
}

fn picture(summary: &Summary, buckets: usize) -> Markup {
    let all: u64 = summary.results_histogram.iter().map(|bucket| bucket.dequeues).sum();
    let shares: Vec<f64> =
        summary.results_histogram.iter().map(|bucket| bucket.dequeues as f64 / all.max(1) as f64).collect();
    let largest = shares.iter().copied().fold(0.0, f64::max);
    let (step, scale) = (WIDTH / buckets as f64, Linear::new(1.0, BOTTOM - TOP));
    let label = format!("Results per dequeue of {}", summary.design);
    let body = html! {
        @for (index, share) in shares.iter().enumerate() {
            @let (x, tall) = (index as f64 * step, scale.length(*share));
            @if *share > 0.0 {
                rect.tone.(Family::of(&summary.design).class()) x=(at(x + 1.0)) width=(at(step - 2.0))
                    y=(at(BOTTOM - tall.max(0.7))) height=(at(tall.max(0.7))) {
                        title { (range(index)) ": " (percent(*share)) " % of the dequeues" }
                }
            }
            @if *share == largest && largest > 0.0 {
                text.small x=(at((x + step / 2.0).clamp(18.0, WIDTH - 18.0))) y=(at(BOTTOM - tall - 4.0)) text-anchor="middle" {
                    (percent(*share)) " %"
                }
            }
        }
        line.axis x1="0" x2=(at(WIDTH)) y1=(at(BOTTOM)) y2=(at(BOTTOM)) {}
        @for index in (0..buckets).step_by(3) {
            text.tick x=(at(index as f64 * step + step / 2.0)) y=(at(BOTTOM + 12.0)) text-anchor="middle" {
                (short(2f64.powi(index as i32)))
            }
        }
    };
    svg(&label, WIDTH, HEIGHT, body)
}

/// The results that a bucket counts, by powers of two.
fn range(bucket: usize) -> String {
    let from = 1u64 << bucket.min(62);
    if from == 1 { "1".into() } else { format!("{from} to {}", from * 2 - 1) }
}
