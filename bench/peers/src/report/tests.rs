//! The page of a document that was made up.

use super::*;
use crate::figures::figures;
use crate::measure::Sample;
use crate::peer;
use crate::setting::tests::made_up;
use crate::stamp::Percentiles;
use crate::targets::verdicts;

fn document() -> Document {
    let sample = |load: &str, peer, cpu_ns, round| Sample {
        load: load.to_owned(),
        peer,
        round,
        sent: 100,
        received: 90,
        cpu_ns,
        rate_per_s: 1e5,
        delays: load.starts_with("echo").then_some(Percentiles {
            count: 9,
            p50: 20.0,
            p99: 40.0,
            p999: 90.0,
        }),
        ..Sample::default()
    };
    let results: Vec<_> = (0..3)
        .flat_map(|round| {
            ["flood-64", "echo-1"].into_iter().flat_map(move |load| {
                [sample(load, "tokio", 700.0, round), sample(load, "ringport-epoll", 400.0, round)]
            })
        })
        .collect();
    let (peers, loads) = (peer::all(), Load::ALL);
    let figures = figures(&results, &loads, &peers);
    let verdicts = verdicts(&results);
    Document {
        setting: made_up(),
        results,
        figures,
        verdicts,
        notes: vec!["glommio was <not> measured".into()],
    }
}

#[test]
fn a_page_is_whole_and_loads_nothing() {
    let document = document();
    let data = serde_json::to_value(&document).unwrap();
    let page = render(&document, &data);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</body></html>"));
    for outside in ["http://", "https://", "<link", "src=", "@import", "url(", "<iframe", "<not>"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in [
        "CPU a datagram",
        "echo-1: round trip",
        "aria-label=\"echo-1: round trips a second\"",
        "1.75 times better than tokio",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    let json: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(json, data);
}

#[test]
fn only_loads_that_were_measured_have_a_chart() {
    let document = document();
    let page = render(&document, &serde_json::Value::Null);
    assert!(page.contains("flood-64: CPU") && page.contains("echo-1: CPU"));
    assert!(!page.contains("drain: CPU") && !page.contains(">Drain<"));
    assert!(targets::headline(&document.verdicts)[0].ends_with("targets are met."));
    assert!(targets::headline(&[])[0].starts_with("No target"));
}
