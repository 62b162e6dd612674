//! Kinds of designs, each with a colour of its own in every chart. The colour never stands alone: names are printed.

use maud::Markup;
use ringport_page::Tone;

/// What a design has in common with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Plain,
    OneThread,
    Sharded,
    Port,
    Hybrid,
}

impl Family {
    const ALL: [Family; 5] =
        [Family::Plain, Family::OneThread, Family::Sharded, Family::Port, Family::Hybrid];

    /// By the design's name, which says what it is made of.
    pub(super) fn of(design: &str) -> Family {
        if design.starts_with("sharded-") {
            Family::Sharded
        } else if design.starts_with("hybrid") {
            Family::Hybrid
        } else if design.starts_with("registered-port") || design.contains("reader-thread") {
            Family::Port
        } else if design == "blocking" || design == "port" || design.starts_with("port-") {
            Family::Plain
        } else {
            Family::OneThread
        }
    }

    /// The class that gives it its colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Family::Plain => "plain",
            Family::OneThread => "one-thread",
            Family::Sharded => "sharded",
            Family::Port => "on-port",
            Family::Hybrid => "hybrid",
        }
    }

    /// On light and on dark.
    fn tone(self) -> Tone {
        let (light, dark) = match self {
            Family::Plain => ("#6b7280", "#9aa3ae"),
            Family::OneThread => ("#0072b2", "#56b4e9"),
            Family::Sharded => ("#a6519c", "#d98cc6"),
            Family::Port => ("#d55e00", "#ff8b3d"),
            Family::Hybrid => ("#009e73", "#2fc79a"),
        };
        Tone { class: self.class(), light, dark }
    }

    /// The colours of all.
    pub(super) fn tones() -> [Tone; 5] {
        Family::ALL.map(Family::tone)
    }

    fn words(self) -> &'static str {
        match self {
            Family::Plain => "plain receives",
            Family::OneThread => "registered, one thread",
            Family::Sharded => "a socket a thread",
            Family::Port => "registered, on a port",
            Family::Hybrid => "hybrid",
        }
    }
}

/// What the colours mean, for the families among `designs`.
pub(super) fn legend<'a>(designs: impl Iterator<Item = &'a str>) -> Markup {
    let present: Vec<Family> = designs.map(Family::of).collect();
    let families = Family::ALL.into_iter().filter(|family| present.contains(family));
    ringport_page::legend(families.map(|family| (family.class(), family.words())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_design_is() {
        for (name, family) in [
            ("blocking", Family::Plain),
            ("port", Family::Plain),
            ("port-1", Family::Plain),
            ("port-batched", Family::Plain),
            ("event-polled", Family::OneThread),
            ("sharded-blocking", Family::Sharded),
            ("registered-port-1", Family::Port),
            ("reader-thread", Family::Port),
            ("hybrid-reader-thread", Family::Hybrid),
        ] {
            assert_eq!(Family::of(name), family, "{name}");
        }
    }
}
