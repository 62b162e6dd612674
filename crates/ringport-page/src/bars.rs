//! One figure a candidate, as bars sorted from the best, with whiskers for how far the rounds are apart.

use maud::{Markup, html};

use crate::figure::{WIDTH, baseline, figure, name, svg};
use crate::scale::{Linear, at};

const ROW: f64 = 22.0;
const BAR: f64 = 13.0;
/// Where the printed values begin.
const VALUES: f64 = 292.0;

/// Which end of the figures is the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The highest.
    Most,
    /// The lowest.
    Least,
}

/// A figure, and how far to trust it.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Where the bar ends.
    pub median: f64,
    /// Where the whisker begins.
    pub least: f64,
    /// Where it ends.
    pub most: f64,
}

/// A candidate.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
    /// The class of its colour.
    pub class: &'a str,
    /// None where it was not measured.
    pub span: Option<Span>,
}

/// What the bars are about.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// The heading of the chart.
    pub title: &'a str,
    /// What a reader has to know about it.
    pub note: &'a str,
    /// Who stands first.
    pub best: Best,
    /// How a value is printed at its bar.
    pub print: fn(f64) -> String,
    /// What the whiskers are, such as `rounds from {least} to {most}`: the words before the two.
    pub whiskers: &'a str,
    /// The candidate that a dashed line is drawn for.
    pub reference: &'a str,
    /// Units of room for the names.
    pub names: f64,
}

impl Bars<'_> {
    /// Draws `rows`; candidates without a figure come last and say so.
    pub fn draw(&self, rows: &[Row<'_>]) -> Markup {
        let mut rows = rows.to_vec();
        let order = |span: Option<Span>| match (span, self.best) {
            (None, _) => f64::INFINITY,
            (Some(span), Best::Least) => span.median,
            (Some(span), Best::Most) => -span.median,
        };
        rows.sort_by(|one, other| order(one.span).total_cmp(&order(other.span)));
        let most = rows.iter().filter_map(|row| row.span).map(|span| span.most).fold(0.0, f64::max);
        let scale = Linear::new(most, VALUES - self.names - 8.0);
        let height = rows.len() as f64 * ROW + 4.0;
        let reference = rows.iter().find(|row| row.name == self.reference).and_then(|row| row.span);
        let body = html! {
            @if let Some(reference) = reference {
                @let x = at(self.names + scale.length(reference.median));
                line.reference x1=(x) x2=(x) y1="0" y2=(at(height)) {}
            }
            @for (index, row) in rows.iter().enumerate() {
                (self.row(row, index as f64 * ROW + 2.0, scale))
            }
            (baseline(self.names, 0.0, height))
        };
        figure(self.title, self.note, svg(self.title, WIDTH, height, body))
    }

    fn row(&self, row: &Row<'_>, top: f64, scale: Linear) -> Markup {
        let middle = top + ROW / 2.0;
        html! {
            (name(row.name, self.names, middle + 4.0))
            @if let Some(span) = row.span {
                @let (median, least, most) = ((self.print)(span.median), (self.print)(span.least), (self.print)(span.most));
                @let (from, to) = (self.names + scale.length(span.least), self.names + scale.length(span.most));
                g {
                    title { (row.name) ": " (median) ", " (self.whiskers) " " (least) " to " (most) }
                    rect.tone.(row.class) x=(at(self.names)) y=(at(top + (ROW - BAR) / 2.0))
                        width=(at(scale.length(span.median))) height=(at(BAR)) {}
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
