//! The page as a whole: what it must hold, and what must not get out of it.

use super::*;
use crate::compare::document::Failed;
use crate::compare::testing;

const DESIGNS: [&str; 5] = ["blocking", "port", "event-polled", "registered-port", "hybrid"];
const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&";

/// The JSON between the tags of the data element.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// Every element that begins ends, in order, but for those that HTML leaves open.
fn assert_balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    // The style holds no tags, and the data none that is not escaped.
    for tag in page.split('<').skip(1).filter_map(|part| part.split(['>', ' ']).next()) {
        match tag.strip_prefix('/') {
            Some(end) => assert_eq!(open.pop(), Some(end), "{open:?}"),
            None if matches!(tag, "!DOCTYPE" | "meta") => {}
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_page_for_all_designs_is_whole_and_loads_nothing() {
    let document = testing::document(&DESIGNS);
    let page = render(&document).unwrap();
    assert_balanced(&page);
    for outside in ["http://", "https://", "//cdn", "<link", "src=", "@import", "url(", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 1, "the data alone");
    for design in DESIGNS {
        assert!(page.contains(&format!("aria-label=\"Time lines of {design}\"")), "{design}");
    }
    for title in ["Datagrams a second", "CPU a datagram", "Lost datagrams", "Share of the work a thread"] {
        assert!(page.contains(&format!("aria-label=\"{title}\"")), "{title}");
    }
    assert!(page.contains("it fell over"), "what failed is not kept back");
    assert_eq!(data(&page), serde_json::to_value(&document).unwrap());
}

#[test]
fn hostile_text_stays_text() {
    let mut document = testing::document(&DESIGNS);
    document.setting.machine.cpu_model = HOSTILE.into();
    document.failures.push(Failed { design: HOSTILE.into(), round: 1, sentence: HOSTILE.into() });
    let page = render(&document).unwrap();
    assert_balanced(&page);
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1));
    assert!(!page.contains("<img"), "escaped wherever it stands");
    assert_eq!(data(&page)["setting"]["machine"]["cpu_model"], HOSTILE);
}

#[test]
fn bars_stand_sorted_from_the_best() {
    let page = render(&testing::document(&DESIGNS)).unwrap();
    let chart = |title: &str| {
        let (_, rest) = page.split_once(&format!("aria-label=\"{title}\"")).unwrap();
        let chart = rest.split_once("</svg>").unwrap().0.to_owned();
        let mut places: Vec<_> = DESIGNS.map(|design| (chart.find(&format!(">{design}<")), design)).to_vec();
        places.sort_unstable();
        places.into_iter().map(|(_, design)| design).collect::<Vec<_>>()
    };
    assert_eq!(chart("Datagrams a second"), DESIGNS, "the first was made the fastest");
    assert_eq!(chart("CPU a datagram"), DESIGNS, "and the cheapest");
    assert_eq!(chart("Lost datagrams"), DESIGNS, "and the one that lost the least");
}

#[test]
fn one_design_without_latency_and_without_a_rival_makes_a_page_too() {
    let page = render(&testing::document(&["event"])).unwrap();
    assert_balanced(&page);
    assert!(!page.contains("aria-label=\"Latency\""), "nothing was measured");
}
