//! The policies of waiting over the rate, as a picture that is readable on light and on dark pages.
//!
//! ```text
//!   ns, us │ ╲                 a panel for each of: CPU a datagram, p50, p99
//!   (log)  │  ╲__ .....        a line for each policy and backend
//!          └──────────────
//!           10k  20k  ... rate, evenly spaced
//! ```

use std::fmt::Write;

use crate::figures::Figure;
use crate::load::Load;

/// The peers that are drawn: name, class of its colour, dashed or not.
const LINES: [(&str, &str, bool); 7] = [
    ("tokio", "other", false),
    ("ringport-uring-latency", "latency", false),
    ("ringport-uring", "balanced", false),
    ("ringport-uring-throughput", "throughput", false),
    ("ringport-epoll-latency", "latency", true),
    ("ringport-epoll", "balanced", true),
    ("ringport-epoll-throughput", "throughput", true),
];

const STYLE: &str = "text{font:12px sans-serif;fill:#24292f}.grid{stroke:#d0d7de}.line{fill:none;stroke-width:2}\
.dashed{stroke-dasharray:5 4}.other{stroke:#6e7781}.latency{stroke:#0969da}.balanced{stroke:#1a7f37}\
.throughput{stroke:#bc4c00}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}\
.other{stroke:#9198a1}.latency{stroke:#4493f8}.balanced{stroke:#3fb950}.throughput{stroke:#f0883e}}";

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 30.0;

/// A panel: what it shows, and the number of a figure.
type Panel = (&'static str, fn(&Figure) -> Option<f64>);

const PANELS: [Panel; 3] = [
    ("CPU ns a datagram", |figure| Some(figure.cpu_ns.median)),
    ("latency p50, us", |figure| figure.p50_us.map(|delay| delay.median)),
    ("latency p99, us", |figure| figure.p99_us.map(|delay| delay.median)),
];

/// The picture, of the loads that are paced.
pub(crate) fn draw(loads: &[Load], figures: &[Figure]) -> String {
    let paced = loads.iter().filter_map(|load| match load {
        Load::Paced { rate } => Some((load.to_string(), format!("{}k", rate / 1000))),
        _ => None,
    });
    let paced: Vec<_> = paced.collect();
    let (width, height) = (3.0 * (WIDTH + LEFT) + 20.0, TOP + HEIGHT + 76.0);
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"CPU and latency over rate\"><style>{STYLE}</style>\n"
    );
    for (place, panel) in PANELS.iter().enumerate() {
        let left = LEFT + place as f64 * (WIDTH + LEFT);
        draw_panel(&mut picture, left, panel, &paced, figures);
    }
    for (place, (name, class, dashed)) in LINES.iter().enumerate() {
        let (x, y) = (LEFT + (place % 4) as f64 * 250.0, TOP + HEIGHT + 44.0 + (place / 4) as f64 * 20.0);
        let dashes = if *dashed { " dashed" } else { "" };
        let _ = writeln!(
            picture,
            "<path class=\"line {class}{dashes}\" d=\"M{x} {y}h28\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            x + 34.0,
            y + 4.0
        );
    }
    picture + "</svg>\n"
}

fn draw_panel(
    picture: &mut String,
    left: f64,
    (title, value): &Panel,
    paced: &[(String, String)],
    figures: &[Figure],
) {
    let of = |load: &str, peer: &str| {
        figures.iter().find(|figure| figure.load == load && figure.peer == peer).and_then(value)
    };
    let all: Vec<f64> = paced
        .iter()
        .flat_map(|(load, _)| LINES.iter().filter_map(move |(peer, ..)| of(load, peer)))
        .filter(|number| *number > 0.0)
        .collect();
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().fold(0.0, f64::max);
    if all.is_empty() {
        return;
    }
    let (low, high) = (least.log2().floor(), (most.log2().ceil()).max(least.log2().floor() + 1.0));
    let y = |number: f64| TOP + HEIGHT - (number.log2() - low) / (high - low) * HEIGHT;
    let step = WIDTH / (paced.len().max(2) - 1) as f64;
    let _ = writeln!(picture, "<text x=\"{left}\" y=\"{}\">{title}</text>", TOP - 12.0);
    // At most eight lines of the grid.
    let stride = ((high - low) / 8.0).ceil().max(1.0) as usize;
    for power in (low as i32..=high as i32).step_by(stride) {
        let (number, at) = (2f64.powi(power), y(2f64.powi(power)));
        let _ = writeln!(
            picture,
            "<path class=\"grid\" d=\"M{left} {at:.1}h{WIDTH}\"/><text x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{number}</text>",
            left - 5.0,
            at + 4.0
        );
    }
    for (place, (_, rate)) in paced.iter().enumerate() {
        let (x, y) = (left + place as f64 * step, TOP + HEIGHT + 18.0);
        let _ = writeln!(picture, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{rate}</text>");
    }
    for (peer, class, dashed) in LINES {
        let places = paced.iter().enumerate();
        let points = places.filter_map(|(place, (load, _))| {
            let number = of(load, peer).filter(|number| *number > 0.0)?;
            Some(format!("{:.1},{:.1}", left + place as f64 * step, y(number)))
        });
        let points: Vec<_> = points.collect();
        let dashes = if dashed { " dashed" } else { "" };
        let points = points.join(" ");
        let _ = writeln!(picture, "<polyline class=\"line {class}{dashes}\" points=\"{points}\"/>");
    }
}

#[cfg(test)]
mod tests {
    use ringport_stand::quartiles::Quartiles;

    use super::*;

    #[test]
    fn every_policy_that_was_measured_has_a_line_in_every_panel() {
        let loads = [10_000, 20_000, 300_000].map(|rate| Load::Paced { rate });
        let quartiles = |median| Quartiles { p25: median, median, p75: median };
        let figure = |load: &Load, peer| Figure {
            load: load.to_string(),
            peer,
            rounds: 1,
            cpu_ns: quartiles(1000.0),
            times_better: quartiles(1.0),
            rate_per_s: quartiles(1.0),
            received_ratio: quartiles(1.0),
            switches_per_thousand: quartiles(1.0),
            p50_us: Some(quartiles(10.0)),
            p99_us: Some(quartiles(100.0)),
            p999_us: None,
        };
        let figures: Vec<_> =
            loads.iter().flat_map(|load| LINES.map(|(peer, ..)| figure(load, peer))).collect();
        let picture = draw(&loads, &figures);
        assert_eq!(picture.matches("<polyline").count(), 3 * LINES.len());
        assert!(picture.contains(">300k</text>") && picture.ends_with("</svg>\n"), "{picture}");
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    }
}
