//! One figure a design, as bars sorted from the best, with whiskers from the worst to the best round.

use maud::{Markup, html};

use super::family::Family;
use super::figure::{NAMES, WIDTH, baseline, figure, name, svg};
use super::scale::{Linear, at};
use crate::compare::statistics::Figure;

const ROW: f64 = 22.0;
const BAR: f64 = 13.0;
/// Where the printed values begin.
const VALUES: f64 = 292.0;

/// Which end of the figures is the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Best {
    Most,
    Least,
}

/// What the bars are about.
pub(super) struct Bars<'a> {
    pub(super) title: &'a str,
    pub(super) note: &'a str,
    pub(super) best: Best,
    /// How a value is printed at its bar.
    pub(super) print: fn(f64) -> String,
    /// The design that a dashed line is drawn for.
    pub(super) reference: &'a str,
}

impl Bars<'_> {
    /// Draws `figures`; designs without one come last and say so.
    pub(super) fn draw(&self, figures: &[(&str, Option<Figure>)]) -> Markup {
        let mut rows = figures.to_vec();
        let order = |figure: Option<Figure>| match (figure, self.best) {
            (None, _) => f64::INFINITY,
            (Some(figure), Best::Least) => figure.median,
            (Some(figure), Best::Most) => -figure.median,
        };
        rows.sort_by(|one, other| order(one.1).total_cmp(&order(other.1)));
        let known = || rows.iter().filter_map(|(_, figure)| *figure);
        let most = known().map(|figure| figure.most).fold(0.0, f64::max);
        let scale = Linear::new(most, VALUES - NAMES - 8.0);
        let height = rows.len() as f64 * ROW + 4.0;
        let reference = rows.iter().find(|(design, _)| *design == self.reference).and_then(|row| row.1);
        let body = html! {
            @if let Some(reference) = reference {
                @let x = at(NAMES + scale.length(reference.median));
                line.reference x1=(x) x2=(x) y1="0" y2=(at(height)) {}
            }
            @for (index, (design, figure)) in rows.iter().enumerate() {
                (self.row(design, *figure, index as f64 * ROW + 2.0, scale))
            }
            (baseline(0.0, height))
        };
        figure(self.title, self.note, svg(self.title, WIDTH, height, body))
    }

    fn row(&self, design: &str, figure: Option<Figure>, top: f64, scale: Linear) -> Markup {
        let middle = top + ROW / 2.0;
        html! {
            (name(design, middle + 4.0))
            @if let Some(figure) = figure {
                @let (median, least, most) = ((self.print)(figure.median), (self.print)(figure.least), (self.print)(figure.most));
                @let (from, to) = (NAMES + scale.length(figure.least), NAMES + scale.length(figure.most));
                g {
                    title { (design) ": " (median) ", rounds from " (least) " to " (most) }
                    rect.(Family::of(design).class()) x=(at(NAMES)) y=(at(top + (ROW - BAR) / 2.0))
                        width=(at(scale.length(figure.median))) height=(at(BAR)) {}
                    path.whisker d=(format!(
                        "M{0} {2}V{3}M{1} {2}V{3}M{0} {4}H{1}",
                        at(from), at(to), at(middle - 3.5), at(middle + 3.5), at(middle)
                    )) {}
                }
                text.value x=(at(WIDTH)) y=(at(middle + 4.0)) text-anchor="end" { (median) }
            } @else {
                text.value x=(at(WIDTH)) y=(at(middle + 4.0)) text-anchor="end" { "not measured" }
            }
        }
    }
}
