//! A colour for each kind of peer.

use ringport_page::Tone;

use crate::peer::Maker;

/// Those of all makers, with the words for them.
pub(super) const ALL: [(Tone, &str); 3] = [
    (Tone { class: "ringport", light: "#0072b2", dark: "#56b4e9" }, "ringport"),
    (Tone { class: "library", light: "#6b7280", dark: "#9aa3ae" }, "another library"),
    (Tone { class: "by-hand", light: "#d55e00", dark: "#ff8b3d" }, "by hand"),
];

/// The class of a maker's colour.
pub(super) fn class(maker: Maker) -> &'static str {
    match maker {
        Maker::Ringport => "ringport",
        Maker::Other => "library",
        Maker::Hand => "by-hand",
    }
}
